// The words of the server's errors.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createServer } from "./create-server.ts";
import * as errors from "./errors.ts";
import { listen } from "./listen.ts";

const ONE_OF_EACH = {
  nothingThere: [errors.nothingThere("plate", "P9"), /no plate "P9"/, /not, or no longer/, /go back to the list/],
  noFolder: [errors.noFolder("x"), /x is not a folder/, /folders it is given/, /gandl serve demo/],
  noExplorer: [errors.noExplorer(), /pages are not built/, /npm run setup/, /then `gandl serve` again/],
  portTaken: [errors.portTaken(80, null), /port 80 is taken/, /another `gandl serve`/, /--port 0/],
  cannotListen: [
    errors.cannotListen("8.8.8.8", 80, new Error("EADDRNOTAVAIL")),
    /nothing can listen on port 80 of 8\.8\.8\.8/,
    /EADDRNOTAVAIL/,
    /an address of this machine/,
  ],
  emptyToken: [errors.emptyToken(), /token is empty/, /everyone knows/, /leave it out for a random one/],
  badQuery: [
    errors.badQuery("row", "x", "a whole number"),
    /row is "x", not a whole number/,
    /by hand/,
    /choose again/,
  ],
  foreignHost: [errors.foreignHost("evil.example"), /the name "evil\.example"/, /pointed that name/, /address that/],
  crossOrigin: [errors.crossOrigin(), /another site asked/, /own pages/, /address that/],
  noToken: [errors.noToken(), /asks for its token/, /beyond this machine/, /\?token=/],
  badMethod: [errors.badMethod("PUT"), /PUT is not allowed/, /only reads/, /use GET/],
} as const;

it("says what, why and how to mend it, for each", () => {
  expect(Object.keys(ONE_OF_EACH).sort()).toEqual(Object.keys(errors).sort());
  for (const [error, what, why, fix] of Object.values(ONE_OF_EACH)) {
    const [first, second, third] = error.message.split("\n");
    expect(first).toMatch(what);
    expect(second).toMatch(why);
    expect(third).toMatch(fix);
  }
});

it("refuses a folder that is not there, pages that are not built and a port that is taken", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gandl-server-test-"));
  const rest = { version: "0", host: "127.0.0.1", token: null };
  await expect(createServer({ folders: [join(folder, "no")], pages: null, ...rest })).rejects.toThrow(
    /is not a folder/,
  );
  await expect(createServer({ folders: [folder], pages: folder, ...rest })).rejects.toThrow(/pages are not built/);
  const other = createPlainServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const taken = listen({ folders: [folder], pages: null, version: "0", host: "127.0.0.1", port });
  await expect(taken).rejects.toThrow(`port ${port} is taken`);
  other.close();
  for (const [host, at] of [
    ["127.0.0.1", -1],
    ["127.0.0.1", 65_536],
    ["not a host", 0],
  ] as const)
    await expect(listen({ folders: [folder], pages: null, version: "0", host, port: at })).rejects.toThrow(
      `nothing can listen on port ${at} of ${host}`,
    );
  for (const token of ["", " "])
    await expect(
      listen({ folders: [folder], pages: null, version: "0", host: "0.0.0.0", port: 0, token }),
    ).rejects.toThrow("the token is empty");
  rmSync(folder, { recursive: true });
});
