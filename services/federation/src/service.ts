/**
 * The bridge between this node and its peers: links, invitations, live batches, calls, and the comparing of heads on
 * which alone correctness depends. It holds no log key and believes nothing: the ledger judges every frame.
 */
import type { Bus } from "@handfast/bus/bus";
import type { Logger } from "@handfast/bus/logger";
import type { ClaimsPort } from "@handfast/nats-operator/claims";
import type { OperatorIdentity } from "@handfast/nats-operator/identity";
import type { AcceptReply, CallRefusal, PeerStatus } from "@handfast/protocol/federation";
import type { LogId, NetworkId, PartnerId } from "@handfast/protocol/ids";

/** Frozen when the service starts. Times in milliseconds, sizes in bytes. */
export type FederationConfig = {
  readonly net: NetworkId;
  /** The founding charter's canonical bytes. */
  readonly charter: Uint8Array;
  readonly partner: { readonly id: PartnerId; readonly name: string };
  /** Our own active log in this network. */
  readonly log: LogId;
  /** The service's own folder; made with mode 0700 when absent. Holds `links.db`. */
  readonly dir: string;
  /** Written into invitations and grants: `tls://host:port`. */
  readonly endpoints: readonly string[];
  /** How often all links compare heads; jittered. Default 5 minutes. */
  readonly reconcileMs?: number;
  /** How often a dialer says hello; a host takes three silent periods for a lost link. Default 10 s. */
  readonly heartbeatMs?: number;
};

export type FederationDeps = {
  /** Connected in account HOME. */
  readonly home: Bus;
  /** This node's own nats-server: the service opens its connection in account FED itself. */
  readonly natsServer: { readonly url: string; readonly caPem: string };
  readonly identity: OperatorIdentity;
  /** A connection in the system account. */
  readonly claims: ClaimsPort;
  readonly logger?: Logger;
  readonly clock?: Clock;
};

/** Wall time in milliseconds. */
export type Clock = { readonly now: () => number };

export type CreatedInvitation = {
  readonly ok: true;
  /** `hfinv1.<b64u>`: a secret, for one partner, once. */
  readonly invitation: string;
  readonly expires: number;
};

export interface Federation extends AsyncDisposable {
  createInvitation(options?: {
    readonly endpoints?: readonly string[];
    /** At most 72. Default 72. */
    readonly validHours?: number;
  }): Promise<CreatedInvitation>;
  /**
   * Takes up an invitation: the first one into a network, or one more link. Resolves when the link is stored.
   *
   * @throws {BusError} When the inviter's server cannot be reached: try again.
   */
  acceptInvitation(invitation: string): Promise<AcceptReply>;
  /** Closes every link with this partner, for good. History stays. Answers how many there were. */
  cutOff(partner: PartnerId): Promise<number>;
  peers(): readonly PeerStatus[];
  /** Compares heads over every link that is up and fetches what is missing. Resolves when nothing moves any more. */
  reconcileNow(): Promise<void>;
}

export type { CallRefusal };

/** `startFederation(config, deps)`: resolves when what peers may reach is served and every stored link is being dialled. */
export type StartFederation = (config: FederationConfig, deps: FederationDeps) => Promise<Federation>;
