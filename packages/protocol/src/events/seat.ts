/** The seat: who leads an initiative, counted in terms. */
import { z } from "zod";
import { ref } from "./define.ts";

/** 1 for the proposer, one more at every completed handoff. */
export const Term = z.int().min(1).max(1_000_000);
/** The lead as which a pledge was made; such pledges can go along in a handoff. */
export const Seat = z.strictObject({ initiative: ref(), term: Term });
