// Goal: a setting comes from where the operator expects, and every bad one is named at once without its value.
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { readSettings, Settings, settingsFile } from "./settings.ts";

function folderWith(yaml: string) {
  const temp = mkdtempDisposableSync(join(tmpdir(), "handfast-settings-"));
  const folder = dataFolder(temp.path);
  mkdirSync(folder.keys, { recursive: true });
  writeFileSync(folder.settings, yaml);
  return { folder, [Symbol.dispose]: () => temp.remove() };
}

it("takes a flag before the environment before the file before the default", () => {
  using one = folderWith("httpPort: 1\nnatsPort: 2\nlogLevel: warn\n");
  const read = readSettings(
    one.folder,
    { httpPort: 3 },
    { HANDFAST_HTTP_PORT: "4", HANDFAST_NATS_PORT: "5" },
  );
  expect(read.settings).toMatchObject({ httpPort: 3, natsPort: 5, logLevel: "warn", httpHost: "127.0.0.1" });
  expect(read.sources).toMatchObject({
    httpPort: "flag",
    natsPort: "environment",
    logLevel: "file",
    httpHost: "default",
  });
});

it("parts lists of a variable at commas", () => {
  using one = folderWith("httpNames: [a.example]");
  const names = (env: Readonly<Record<string, string>>) =>
    readSettings(one.folder, {}, env).settings.httpNames;
  expect(names({})).toEqual(["a.example"]);
  expect(names({ HANDFAST_HTTP_NAMES: "b.example,c.example" })).toEqual(["b.example", "c.example"]);
  expect(() => names({ HANDFAST_HTTP_NAMES: "https://b.example/" })).toThrow(
    /httpNames \(from environment\)/,
  );
});

it("names every bad setting at once, and no value", () => {
  using one = folderWith("colour: secret-red\nlogLevel: loud\n");
  const read = () => readSettings(one.folder, {}, { HANDFAST_HTTP_PORT: "secret-port" });
  expect(read).toThrow(/httpPort \(from environment\).*logLevel \(from file\).*colour/);
  expect(read).not.toThrow(/secret-port|secret-red|loud/);
});

it("says what is expected of a setting, and repeats what a flag held", () => {
  using one = folderWith("natsAdvertise: [http://hub.orchard.example]\n");
  const read = (flags: object) => () => readSettings(one.folder, flags, {});
  expect(read({ httpPort: "80000", natsAdvertise: [] })).toThrow(
    'httpPort (from flag): got "80000", expected a whole number from 0 to 65535',
  );
  expect(read({})).toThrow(/natsAdvertise \(from file\): expected a list of .* tls:\/\/host:port/);
});

it("says with a refused value how one is given", () => {
  using one = folderWith("");
  const read =
    (flags: object, env: Readonly<Record<string, string>> = {}) =>
    () =>
      readSettings(one.folder, flags, env);
  expect(read({ httpHost: "" })).toThrow(
    expect.objectContaining({
      message:
        'httpHost (from flag): got "", expected a host name or an address, without a port, for example handfast.orchard.example',
      hint: expect.stringMatching(/^for example --http-host 127\.0\.0\.1; .* config explain$/),
    }),
  );
  expect(read({}, { HANDFAST_NATS_PORT: "x", HANDFAST_NATS_ADVERTISE: "x" })).toThrow(
    expect.objectContaining({
      hint: expect.stringMatching(/^for example HANDFAST_NATS_PORT=7422 and HANDFAST_NATS_ADVERTISE=tls:/),
    }),
  );
});

it("the written file changes nothing but what was chosen", () => {
  using one = folderWith(settingsFile({ httpPort: 9 }));
  expect(readSettings(one.folder, {}, {}).settings).toEqual(Settings.parse({ httpPort: 9 }));
});
