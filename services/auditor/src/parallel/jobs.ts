/** What the threads of an audit tell each other. */
import type { Columns } from "../held.ts";
import type { Manifest } from "../manifest.ts";
import type { Naming } from "../read-entries.ts";

/** What a thread begins with. The columns are memory that all threads share. */
export type Setup = {
  readonly manifest: Manifest;
  readonly headers: 1 | 2;
  readonly columns: { readonly [Name in keyof Columns]: SharedArrayBuffer };
  readonly everySignature: boolean;
};

export type Job =
  /** Headers of a log from entry `seq` on: `length` bytes, which begin at the second one of `bytes`. */
  | {
      readonly kind: "entries";
      readonly log: number;
      readonly seq: number;
      readonly bytes: ArrayBuffer;
      readonly length: number;
    }
  /** All checkpoints of a log, whose entries are all read; `opening` is its first header, as in `entries`. */
  | {
      readonly kind: "checkpoints";
      readonly log: number;
      readonly opening: ArrayBuffer;
      readonly notes: readonly Uint8Array[];
    }
  /** Compare all parents that this thread met; every entry is read. */
  | { readonly kind: "parents" };

/** What came of a job. Of anything that is not as it should be, only that it is so. */
export type Outcome = {
  readonly isClean: boolean;
  /** Of entries: child and target of every parent, and the logs that sponsorships name. */
  readonly pairs?: Int32Array;
  /** Of entries: what the first of them says is the hash of the one before it, which another thread may have read. */
  readonly prev?: Buffer | undefined;
  readonly namings?: readonly Naming[];
  /** The memory that the headers came in, to be used again. */
  readonly bytes?: ArrayBuffer;
  /** Of checkpoints: how many signatures were checked, and the last root. */
  readonly signatures?: number;
  readonly root?: string | undefined;
};

/** A job or its outcome, numbered by the thread that asks. */
export type Numbered<Message> = { readonly id: number; readonly message: Message };
