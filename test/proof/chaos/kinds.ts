/** Where something goes wrong: a Region's process, its clients' way to it, its way to the table, or a client process. */
export type Place = 'process' | 'network' | 'table' | 'client';

/** A kind of fault. */
interface Kind {
  readonly place: Place;
  /** Part of the requests that it hits while it lasts, from 0 to 1. */
  readonly share: number;
  /** What happens, for people. */
  readonly description: string;
}

/** Everything that goes wrong on purpose. */
const KINDS = {
  kill: kind('process', 1, 'a Region is killed and started again'),
  kill_transfer: kind('process', 1, 'a Region is killed between two writes of a transfer or refund'),
  freeze: kind('process', 1, 'a Region is frozen and thawed'),
  cut: kind('process', 1, 'all connections of a Region are reset, again and again'),
  drop_reply: kind('network', 0.4, 'a request is delivered and its reply is lost'),
  delay_reply: kind('network', 0.5, 'a reply comes late, or too late'),
  reset_request: kind('network', 0.4, 'the connection is reset before the request is delivered'),
  hang: kind('network', 0.3, 'no answer; the request is delivered at once, or much later'),
  gateway_error: kind('network', 0.5, 'a gateway answers 500 with a page, with or without delivering'),
  duplicate: kind('network', 0.6, 'a request is delivered twice, the second time up to seconds later'),
  table_drop_reply: kind('table', 0.4, 'DynamoDB does what it is asked, and its reply is lost'),
  table_delay: kind('table', 0.5, 'a request reaches DynamoDB late, or when its sender has stopped waiting'),
  table_reset: kind('table', 0.4, 'the connection is reset before DynamoDB has the request'),
  table_hang: kind('table', 0.3, 'DynamoDB does not answer, whether or not it has the request'),
  table_cut_off: kind('table', 1, 'DynamoDB answers writes and strong reads with 500'),
  table_conflict: kind('table', 0.6, 'DynamoDB answers writes with ReplicatedWriteConflictException'),
  table_throttle: kind('table', 0.6, 'DynamoDB answers with ThrottlingException'),
  table_duplicate: kind('table', 0.6, 'DynamoDB is given a write twice, the second time up to seconds later'),
  client_kill: kind('client', 1, 'a client process is killed and started again'),
};

export type KindName = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as KindName[];

export function kindOf(name: KindName): Kind {
  return KINDS[name];
}

/** Its name as people read it. */
export function titleOf(name: KindName): string {
  return name.replaceAll('_', ' ');
}

function kind(place: Place, share: number, description: string): Kind {
  return { place, share, description };
}
