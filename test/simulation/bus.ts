/**
 * The bus of one node as a simulation has it: its own services in account HOME, its federation in account FED, and those who
 * dial it in an account each, whose calls reach it under that account's name. Implements the port of `packages/bus`.
 */
import type {
  Bus,
  BusHeaders,
  BusReply,
  BusStatus,
  Endpoint,
  MessageHandler,
  SubscribeOptions,
} from "@handfast/bus/bus";
import { BusError } from "@handfast/bus/fault";
import { wireSubjects } from "@handfast/protocol/subjects";
import type { Life } from "./process.ts";
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Wires } from "./wires.ts";

export interface Server {
  readonly machine: string;
  readonly isUp: boolean;
  start(): void;
  stop(): void;
  allow(account: string): void;
  forget(account: string): void;
  connect(as: Login): Bus;
}

type Login = {
  readonly life: Life;
  /** `HOME`, `FED`, or a link's account. */
  readonly account: string;
  /** The machine that dials. */
  readonly from: string;
};

type Subscription = {
  readonly pattern: string;
  readonly accept: (subject: string, data: Uint8Array, headers: BusHeaders) => void;
};
type Connection = Login & {
  status: BusStatus;
  readonly endpoints: Endpoint[];
  readonly subscriptions: Set<Subscription>;
  become(status: BusStatus): void;
};

/** TCP and pings notice a partition after this long at most; a dialer comes back within this after it. */
const noticedAfterMs = 12_000;
const backWithinMs = 2_000;
const localMs = 2;

export function createServer(
  machine: string,
  {
    scheduler,
    random,
    wires,
  }: { readonly scheduler: Scheduler; readonly random: Random; readonly wires: Wires },
): Server {
  const connections = new Set<Connection>();
  const allowed = new Set<string>();
  let isUp = false;

  const isLocal = ({ from }: Login): boolean => from === machine;
  const reaches = (connection: Connection): boolean => isUp && !wires.arePartedNow(machine, connection.from);

  /** A connection notices after a while that the way is gone, or there again. */
  const look = (connection: Connection, withinMs: number): void => {
    if (isLocal(connection) || connection.status === "closed" || connection.life.isOver) return;
    const seems = connection.status === "connected";
    if (reaches(connection) === seems) return;
    connection.life.after(random.below(withinMs), () => {
      if (connection.status === "closed" || reaches(connection) === (connection.status === "connected"))
        return;
      connection.become(reaches(connection) ? "connected" : "reconnecting");
    });
  };
  const lookAtAll = (): void => {
    for (const connection of connections)
      look(connection, reaches(connection) ? backWithinMs : isUp ? noticedAfterMs : 50);
  };
  wires.onChange(lookAtAll);

  /** From one connection's machine to another's, over this server. */
  const carry = (from: Login, to: Login, deliver: () => void): void => {
    const arrive = (): void => {
      if (isUp && !to.life.isOver) deliver();
    };
    const away = isLocal(from) ? to : from;
    if (isLocal(away)) scheduler.after(random.below(localMs), arrive);
    else if (isLocal(from)) wires.carry(machine, away.from, arrive);
    else wires.carry(away.from, machine, arrive);
  };

  const endpointFor = (
    from: Connection,
    subject: string,
  ): { to: Connection; endpoint: Endpoint; as: string } | null => {
    const isLink = from.account !== "HOME" && from.account !== "FED";
    const as = isLink ? subject.replace(/^hf\.v1\.call\./, `hf.v1.rpc.${from.account}.`) : subject;
    for (const to of connections) {
      if (to.life.isOver || to.account !== (isLink ? "FED" : from.account)) continue;
      const endpoint = to.endpoints.find((each) => fits(each.subject, as));
      if (endpoint !== undefined) return { to, endpoint, as };
    }
    return null;
  };

  const publish = (from: Connection, subject: string, data: Uint8Array, headers: BusHeaders): void => {
    scheduler.note(kindOf(subject));
    for (const to of connections) {
      if (to.life.isOver || !(from.account === "HOME" ? to.account === "HOME" : isHeardBy(to, subject)))
        continue;
      for (const { pattern, accept } of to.subscriptions)
        if (fits(pattern, subject)) carry(from, to, () => accept(subject, data, headers));
    }
  };

  const request = (
    from: Connection,
    subject: string,
    data: Uint8Array,
    headers: BusHeaders,
    timeoutMs: number,
  ): Promise<BusReply> =>
    new Promise((resolve, reject) => {
      scheduler.note(kindOf(subject));
      const fail = (reason: string, outcome: "unknown" | "not-done"): void =>
        reject(new BusError("bus-unavailable", `${subject}: ${reason}`, { reason, outcome }));
      from.life.onEnd(() => fail("closed", "unknown"));
      const late = from.life.after(timeoutMs, () => fail("timeout", "unknown"));
      const found = endpointFor(from, subject);
      if (found === null) {
        carry(from, from, () => fail("no-responders", "not-done"));
        return;
      }
      const { to, endpoint, as } = found;
      const answered = (deliver: () => void): void =>
        carry(to, from, () => {
          late[Symbol.dispose]();
          deliver();
        });
      carry(from, to, () => {
        endpoint.handler(data, { subject: as, headers }).then(
          (reply) => {
            if (to.life.isOver) return;
            if (reply instanceof Uint8Array) answered(() => resolve({ data: reply, headers: {} }));
            else if ("failure" in reply) answered(() => fail(reply.failure.code, "unknown"));
            else answered(() => resolve(reply));
          },
          () => {
            if (!to.life.isOver) answered(() => fail("internal", "unknown"));
          },
        );
      });
    });

  const connect: Server["connect"] = (login) => {
    if (!isLocal(login) && (!isUp || wires.arePartedNow(machine, login.from)))
      throw new BusError("bus-unavailable", `${machine} cannot be reached`, { reason: "connect-failed" });
    if (!isLocal(login) && !allowed.has(login.account))
      throw new BusError("bus-denied", `${machine} knows no such account`, { reason: "login-refused" });
    const listeners = new Set<(status: BusStatus) => void>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const connection: Connection = {
      ...login,
      status: "connected",
      endpoints: [],
      subscriptions: new Set(),
      become: (status) => {
        if (connection.status === status || connection.status === "closed") return;
        connection.status = status;
        for (const listener of listeners) listener(status);
        if (status === "closed") {
          connections.delete(connection);
          close();
        }
      },
    };
    connections.add(connection);
    const requireOpen = (): void => {
      if (connection.status !== "connected")
        throw new BusError("bus-unavailable", `the bus is ${connection.status}`, { reason: "disconnected" });
    };
    const drain = async (): Promise<void> => connection.become("closed");
    return {
      get status() {
        return connection.status;
      },
      closedBecause: null,
      serverVersion: "2.12.0",
      closed,
      onStatus: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => listeners.delete(listener) };
      },
      request: async (subject, data, { timeoutMs, headers = {} }) => {
        requireOpen();
        return await request(connection, subject, data, headers, timeoutMs);
      },
      publish: (subject, data, headers = {}) => {
        requireOpen();
        publish(connection, subject, data, headers);
      },
      subscribe: (pattern, handler, options = {}) => subscribe(connection, pattern, handler, options),
      serve: async ({ endpoints }) => {
        connection.endpoints.push(...endpoints);
        return { [Symbol.asyncDispose]: async () => void connection.endpoints.splice(0) };
      },
      flush: async () => {},
      drain,
      [Symbol.asyncDispose]: drain,
    };
  };

  return {
    machine,
    get isUp() {
      return isUp;
    },
    start: () => {
      isUp = true;
      lookAtAll();
    },
    stop: () => {
      isUp = false;
      for (const connection of connections) if (isLocal(connection)) connections.delete(connection);
      lookAtAll();
    },
    allow: (account) => void allowed.add(account),
    forget: (account) => {
      allowed.delete(account);
      for (const connection of connections) if (connection.account === account) connection.become("closed");
    },
    connect,
  };
}

/** What FED publishes goes to link accounts: live batches to all, a question to the account it names. */
const isHeardBy = ({ account }: Login, subject: string): boolean =>
  account !== "HOME" &&
  account !== "FED" &&
  (!subject.startsWith("hf.v1.ask.") || subject === wireSubjects.ask(account));

/** Handled one at a time, as the port promises. */
function subscribe(
  connection: Connection,
  pattern: string,
  handler: MessageHandler,
  { maxPending = 1_024 }: SubscribeOptions,
): ReturnType<Bus["subscribe"]> {
  const waiting: Parameters<Subscription["accept"]>[] = [];
  let isRunning = false;
  let dropped = 0;
  const run = async (): Promise<void> => {
    isRunning = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [subject, data, headers] = next;
      // A handler that throws is logged by the real bus, and the next message comes.
      await Promise.resolve(handler({ subject, data, headers })).catch(() => {});
    }
    isRunning = false;
  };
  const subscription: Subscription = {
    pattern,
    accept: (...message) => {
      if (waiting.length >= maxPending) dropped += 1;
      else waiting.push(message);
      if (!isRunning) void run();
    },
  };
  connection.subscriptions.add(subscription);
  return {
    get dropped() {
      return dropped;
    },
    [Symbol.asyncDispose]: async () => void connection.subscriptions.delete(subscription),
  };
}

/** Whether a subject fits a pattern of NATS: `*` is one token, `>` the rest. */
function fits(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const wanted = pattern.split(".");
  const given = subject.split(".");
  for (const [index, token] of wanted.entries()) {
    if (token === ">") return given.length > index;
    if (token !== "*" && token !== given[index]) return false;
  }
  return wanted.length === given.length;
}

/** A question's id is random and means nothing. */
const kindOf = (subject: string): string => subject.replace(/\.answer\..*/, ".answer");
