/** The states of a commitment, and how far the promise is in each. */

export type UnboundState = "requested" | "offered" | "declined" | "retracted" | "crossed";
export type BoundState =
  | "active"
  | "claimed"
  | "disputed"
  | "satisfied"
  | "released"
  | "withdrawn"
  | "declined";
export type CommitmentState = UnboundState | BoundState;

/** `negotiated`: nobody is bound yet. `due`: still owed, or waiting for a confirmation. `kept`, `ended`: closed. */
type Stage = "negotiated" | "due" | "kept" | "ended";

const stages: Readonly<Record<CommitmentState, Stage>> = {
  requested: "negotiated",
  offered: "negotiated",
  crossed: "negotiated",
  active: "due",
  claimed: "due",
  disputed: "due",
  satisfied: "kept",
  released: "ended",
  withdrawn: "ended",
  declined: "ended",
  retracted: "ended",
};

/** States that nothing but a late confirmation leads out of; that is never lost. */
export const isClosedState = (state: CommitmentState): boolean =>
  stages[state] === "kept" || stages[state] === "ended";

/** Whether the promise binds its debtor and was not given up: still due, or kept. */
export const isPromiseUpheld = (state: CommitmentState): boolean =>
  stages[state] === "due" || stages[state] === "kept";
