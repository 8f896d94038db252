/** Where something goes wrong: a Region's process, its clients' way to it, its way to the table, or a client process. */
export type Place = 'process' | 'network' | 'table' | 'client';

/** A kind of fault. */
export interface Kind {
  readonly place: Place;
  /** Short, for a band in the timeline. */
  readonly label: string;
  /** What happens, for people. */
  readonly says: string;
  /** Part of the requests that it hits while it lasts, from 0 to 1. */
  readonly share: number;
}

/** Everything that goes wrong on purpose. */
export const KINDS = {
  kill: {
    place: 'process',
    label: 'kill',
    says: 'a Region is killed and started again',
    share: 1,
  },
  kill_transfer: {
    place: 'process',
    label: 'kill midway',
    says: 'a Region is killed between two writes of a transfer or refund and started again',
    share: 1,
  },
  freeze: {
    place: 'process',
    label: 'freeze',
    says: 'a Region is frozen and thawed',
    share: 1,
  },
  cut: {
    place: 'process',
    label: 'cut',
    says: 'all connections of a Region are reset, again and again',
    share: 1,
  },
  drop_reply: {
    place: 'network',
    label: 'drop reply',
    says: 'a request is delivered and its reply is lost',
    share: 0.4,
  },
  delay_reply: {
    place: 'network',
    label: 'delay reply',
    says: 'a reply comes late, or too late',
    share: 0.5,
  },
  reset_request: {
    place: 'network',
    label: 'reset',
    says: 'the connection is reset before the request is delivered',
    share: 0.4,
  },
  hang: {
    place: 'network',
    label: 'hang',
    says: 'no answer; the request is delivered at once, or much later',
    share: 0.3,
  },
  gateway_error: {
    place: 'network',
    label: '500 HTML',
    says: 'a gateway answers 500 with a page, with or without having delivered the request',
    share: 0.5,
  },
  duplicate: {
    place: 'network',
    label: 'duplicate',
    says: 'a request is delivered twice, the second time up to seconds later',
    share: 0.6,
  },
  table_drop_reply: {
    place: 'table',
    label: 'table: drop reply',
    says: 'DynamoDB does what it is asked, and its reply is lost',
    share: 0.4,
  },
  table_delay: {
    place: 'table',
    label: 'table: delay',
    says: 'a request reaches DynamoDB late, or when its sender has stopped waiting',
    share: 0.5,
  },
  table_reset: {
    place: 'table',
    label: 'table: reset',
    says: 'the connection is reset before DynamoDB has the request',
    share: 0.4,
  },
  table_hang: {
    place: 'table',
    label: 'table: hang',
    says: 'DynamoDB does not answer, whether or not it has the request',
    share: 0.3,
  },
  table_cut_off: {
    place: 'table',
    label: 'table: cut off',
    says: 'DynamoDB answers all writes and strong reads with 500, as in a Region that is cut off',
    share: 1,
  },
  table_conflict: {
    place: 'table',
    label: 'table: conflict',
    says: 'DynamoDB answers writes with ReplicatedWriteConflictException',
    share: 0.6,
  },
  table_throttle: {
    place: 'table',
    label: 'table: throttle',
    says: 'DynamoDB answers with ThrottlingException',
    share: 0.6,
  },
  table_duplicate: {
    place: 'table',
    label: 'table: duplicate',
    says: 'DynamoDB is given a write twice, the second time up to seconds later',
    share: 0.6,
  },
  client_kill: {
    place: 'client',
    label: 'client kill',
    says: 'a client process is killed and started again',
    share: 1,
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as KindName[];

export function kindOf(name: KindName): Kind {
  return KINDS[name];
}
