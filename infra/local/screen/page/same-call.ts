import type { MoveCall } from '../../../../client/moves.ts';
import {
  captureOf,
  depositOf,
  holdOf,
  refundOf,
  statusOf,
  transferOf,
  voidOf,
  withdrawalOf,
} from '../../../../client/moves.ts';
import { cancelRequest, moveRequest, type Subject } from '../../../../client/requests.ts';
import { endpointsVariable } from '../../reporter.ts';
import type { RegionEndpoint } from '../news.ts';
import type { PanelCall } from './state.ts';
import { wordsOf } from './words.ts';

/**
 * The same call, with its key, as a line of `curl` to one Region. Throws an `InvalidArgumentError` at a call that was never sent: in
 * what is sent, nothing can end a quotation.
 */
export function curlOf(call: PanelCall, url: string): string {
  const { method, path, headers, body } = requestOf(call);
  return [
    `curl -X ${method} ${url}${path}`,
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    ...(body === undefined ? [] : [`-d '${body}'`]),
  ].join(' ');
}

/** The same call, with its key, as a line of the `bank` command. */
export function bankOf(call: PanelCall, endpoints: readonly RegionEndpoint[]): string {
  return [
    ...endpointsVariable(endpoints),
    'npx bank',
    ...wordsOf(call),
    ...(call.what === 'cancel' ? [] : [`--key ${call.key}`]),
  ].join(' ');
}

function requestOf(call: PanelCall) {
  switch (call.what) {
    case 'cancel':
      return cancelRequest(call);
    case 'deposit':
      return movedBy(call, depositOf(call.account, call.amount, {}));
    case 'withdraw':
      return movedBy(call, withdrawalOf(call.account, call.amount, {}));
    case 'hold':
      return movedBy(call, holdOf(call.account, call.amount, {}));
    case 'transfer':
      return movedBy(call, transferOf(call.account, call.to, call.amount, {}));
    case 'capture':
      return movedBy(call, captureOf(call.account, call.hold, {}));
    case 'void':
      return movedBy(call, voidOf(call.account, call.hold, {}));
    case 'refund':
      return movedBy(call, refundOf(call.account, call.call, {}));
    case 'status':
      return movedBy(call, statusOf(call.account, call, {}));
  }
}

function movedBy<T extends Subject>({ key }: { readonly key: string }, move: MoveCall<T>) {
  return moveRequest({ move, key, mayRetry: true });
}
