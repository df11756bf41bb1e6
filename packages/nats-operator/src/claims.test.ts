// Goal: what the server answers is believed only when it says yes. (Against a real server: packages/bus/test.)
import { decode } from "@nats-io/jwt";
import { describe, expect, it } from "vitest";
import { type ClaimsPort, deleteAccounts, findAccount, listAccounts, pushAccount } from "./claims.ts";
import { createOperator } from "./identity.ts";
import { createAccountKey } from "./keys.ts";

const identity = createOperator("orchard");

/** A port that answers one text and remembers what it was asked. */
function portThatSays(answer: string) {
  const asked: { subject: string; text: string }[] = [];
  const port: ClaimsPort = {
    request: async (subject, bytes) => {
      asked.push({ subject, text: new TextDecoder().decode(bytes) });
      return new TextEncoder().encode(answer);
    },
  };
  return { port, asked };
}

describe("telling the server about accounts", () => {
  it("takes only code 200 for a yes", async () => {
    const yes = portThatSays('{"server":{},"data":{"code":200,"message":"jwt updated"}}');
    await pushAccount(yes.port, "jwt");
    expect(yes.asked).toEqual([{ subject: "$SYS.REQ.CLAIMS.UPDATE", text: "jwt" }]);
    for (const no of ['{"error":{"code":500,"description":"no"}}', '{"data":{"code":500}}', "{}"]) {
      const refused = pushAccount(portThatSays(no).port, "jwt");
      await expect(refused, no).rejects.toMatchObject({ code: "claims-refused" });
    }
  });

  it("deletes by a claim that the operator signed and that names the accounts", async () => {
    const { account } = createAccountKey();
    const { port, asked } = portThatSays('{"data":{"code":200}}');
    await deleteAccounts(port, identity, [account]);
    const claims = decode<{ accounts: string[] }>(asked[0]?.text ?? "");
    expect(claims.nats.accounts).toEqual([account]);
    expect(claims.iss).toMatch(/^O/);
  });

  it("lists and finds", async () => {
    expect(await listAccounts(portThatSays('{"data":["A1","A2"]}').port)).toEqual(new Set(["A1", "A2"]));
    expect(await findAccount(portThatSays("").port, "A1")).toBeNull();
    expect(await findAccount(portThatSays("eyJ").port, "A1")).toBe("eyJ");
  });
});
