import { expect, it } from "vitest";
import { z } from "zod";
import { tasks } from "../../tasks/index.ts";
import { PARAMETERS_HELP } from "./parameters-help.ts";

it("lists every parameter of every task, with a star where it must be given", () => {
  const told = PARAMETERS_HELP.split(/\n {2}(?=\S)/).slice(1);
  expect(told.map((text) => text.split(":")[0])).toEqual(tasks.map(({ id }) => id));
  for (const [i, { params }] of tasks.entries()) {
    const { properties = {}, required = [] } = z.toJSONSchema(params, {
      io: "input",
    }) as z.core.JSONSchema.ObjectSchema;
    const words = told[i]!.replace(/^[^:]*:/, "").replaceAll(/\([^)]*\)/g, "");
    const names = words.match(/\w+\*?/g)!.filter((name) => name !== "and");
    const expected = Object.keys(properties).map((key) => (required.includes(key) ? `${key}*` : key));
    expect(names.sort()).toEqual(expected.sort());
  }
});
