// A small HTTP server over bytes in memory, with the faults that real ones have.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** What the server does; tests change it as they go. */
export interface ServerState {
  bytes: Buffer;
  ranges: boolean;
  etag: string;
  /** Status of the next answers, one each, before it serves again. */
  failures: number[];
  /** Cuts the next so many bodies off in the middle. */
  drops: number;
  /** Flips a byte in the next so many bodies. */
  flips: number;
  /** Ranges asked for. */
  readonly requests: string[];
  bytesSent: number;
}

/** Serves `bytes` under every path until the test file ends. */
export async function serve(bytes: Uint8Array): Promise<{ url: string; state: ServerState }> {
  const state: ServerState = {
    ...{
      bytes: Buffer.from(bytes),
      ranges: true,
      etag: '"1"',
      failures: [],
      drops: 0,
      flips: 0,
      requests: [],
      bytesSent: 0,
    },
  };
  const server = createServer((request, response) => answer(state, request, response));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/folder/screen.zip`, state };
}

function answer(state: ServerState, request: IncomingMessage, response: ServerResponse): void {
  state.requests.push(request.headers.range ?? "whole");
  const failure = state.failures.shift();
  if (failure !== undefined) {
    response.writeHead(failure).end("no");
    return;
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (!state.ranges || range === null) {
    response.writeHead(200, { etag: state.etag, "content-length": state.bytes.length });
    response.end(state.bytes);
    return;
  }
  const [start, end] = [Number(range[1]), Math.min(Number(range[2]), state.bytes.length - 1)];
  let body = state.bytes.subarray(start, end + 1);
  const headers = { "content-range": `bytes ${start}-${end}/${state.bytes.length}`, "content-length": body.length };
  response.writeHead(206, { ...headers, etag: state.etag });
  if (state.flips > 0 && body.length > 100) {
    state.flips--;
    body = Buffer.from(body);
    body[body.length - 70]! ^= 0xff;
  }
  if (state.drops > 0 && body.length > 1) {
    state.drops--;
    response.write(body.subarray(0, body.length >> 1), () => response.destroy());
    return;
  }
  state.bytesSent += body.length;
  response.end(body);
}

/** A zip64 of `names.length` stored files, each holding its own name, written byte by byte. */
export function zip64Of(names: readonly string[]): Buffer {
  const bodies = names.map((name) => {
    const bytes = Buffer.from(name);
    const crc = crc32(bytes);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(bytes.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(bytes.length, 26);
    return { bytes, crc, local };
  });
  let offset = 0;
  const records = bodies.map(({ bytes, crc, local }) => {
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(45, 4);
    record.writeUInt16LE(45, 6);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(bytes.length, 20);
    record.writeUInt32LE(bytes.length, 24);
    record.writeUInt16LE(bytes.length, 28);
    record.writeUInt32LE(offset, 42);
    offset += local.length + 2 * bytes.length;
    return Buffer.concat([record, bytes]);
  });
  const directory = Buffer.concat(records);
  return Buffer.concat([
    ...bodies.flatMap(({ local, bytes }) => [local, bytes, bytes]),
    directory,
    zip64End(names.length, directory.length, offset),
  ]);
}

/** The three end records of a zip64. */
export function zip64End(nEntries: number, bytes: number, offset: number): Buffer {
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(nEntries), 24);
  end64.writeBigUInt64LE(BigInt(nEntries), 32);
  end64.writeBigUInt64LE(BigInt(bytes), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + bytes), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(0, 4);
  end.writeUInt16LE(0, 20);
  return Buffer.concat([end64, locator, end]);
}

/** CRC-32 bit by bit, from its definition (ISO 3309): no reader's own. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
