// One of many readers: asks, compares every byte with what was answered when nobody else asked, and follows the run.
import { Agent, type IncomingMessage, request } from "node:http";
import type { Question } from "./questions.ts";

/** An answer and the question it is to. */
export interface Reference extends Question {
  readonly status: number;
  readonly answer: Buffer;
}

/**
 * A request of a reader that keeps one connection, as a browser's tab does: where the server has just closed a connection that was idle
 * for seconds, it asks again on a new one.
 */
function ask(agent: Agent, address: string, question: Question): Promise<IncomingMessage> {
  const { path, body } = question;
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const method = body === undefined ? "GET" : "POST";
    const asked = request(`${address}${path}`, { agent, method, headers }, resolve);
    asked.once("error", (error: NodeJS.ErrnoException) => {
      const wasIdle = asked.reusedSocket && error.code === "ECONNRESET";
      if (wasIdle) resolve(ask(agent, address, question));
      else reject(error);
    });
    asked.end(body);
  });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Asks each question once, alone. */
export async function referencesOf(address: string, questions: readonly Question[]): Promise<Reference[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const references: Reference[] = [];
  for (const question of questions) {
    const message = await ask(agent, address, question);
    references.push({ ...question, status: message.statusCode ?? 0, answer: await bodyOf(message) });
  }
  agent.destroy();
  return references;
}

/** What went wrong, in words; and how much was asked. */
export class Tally {
  nAnswers = 0;
  nBytes = 0;
  nEvents = 0;
  readonly faults: string[] = [];
}

export interface ReaderOptions {
  readonly address: string;
  readonly references: readonly Reference[];
  /** Decides the order of the questions. */
  readonly seed: number;
  readonly isDone: () => boolean;
  readonly tally: Tally;
}

/** Asks in an order of its own until it is done. */
export async function readOn({ address, references, seed, isDone, tally }: ReaderOptions): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let state = seed + 1;
  try {
    while (!isDone()) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const reference = references[Math.floor((state / 2 ** 32) * references.length)]!;
      try {
        const message = await ask(agent, address, reference);
        const body = await bodyOf(message);
        const isSame = message.statusCode === reference.status && body.equals(reference.answer);
        if (!isSame) tally.faults.push(`${reference.path}: ${message.statusCode}, ${body.length} bytes that differ`);
        tally.nAnswers++;
        tally.nBytes += body.length;
      } catch (error) {
        tally.faults.push(`${reference.path}: ${String(error)}`);
      }
    }
  } finally {
    agent.destroy();
  }
}

/** What is wrong with the event that came as the `at`th since the stream was opened; null where nothing is. */
export type EventCheck = (event: unknown, at: number) => string | null;

/** Whom to follow, for how long at a time, and what must come. */
export interface Following {
  readonly run: string;
  readonly forMs: number;
  readonly check: EventCheck;
}

/** Follows a run, closes and begins anew every few seconds; every event must come once and in order. */
export async function followOn({ address, isDone, tally }: ReaderOptions, following: Following): Promise<void> {
  const { run, forMs, check } = following;
  while (!isDone()) {
    const agent = new Agent({ keepAlive: false });
    const message = await ask(agent, address, { path: `api/runs/${run}/events` });
    const end = setTimeout(() => message.destroy(), forMs); // as a tab that is closed
    let [rest, at] = ["", 0];
    try {
      for await (const part of message.setEncoding("utf8")) {
        const blocks = (rest + part).split("\n\n");
        rest = blocks.pop()!;
        for (const block of blocks) {
          for (const event of eventsIn(block)) {
            const fault = check(event, at++);
            if (fault !== null) tally.faults.push(`events: ${fault}`);
            tally.nEvents++;
          }
        }
        if (isDone()) break;
      }
    } catch (error) {
      if (!message.destroyed) tally.faults.push(`events: ${String(error)}`);
    }
    clearTimeout(end);
    message.destroy();
    agent.destroy();
  }
}

function eventsIn(block: string): unknown[] {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  return data === undefined ? [] : (JSON.parse(data) as unknown[]); // a beat has none
}
