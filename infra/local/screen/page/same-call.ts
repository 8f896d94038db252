import {
  captureOf,
  depositOf,
  holdOf,
  type MoveCall,
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
  const { account, key } = call;
  const request = <T extends Subject>(move: MoveCall<T>) => moveRequest({ move, key, mayRetry: true });
  switch (call.what) {
    case 'cancel':
      return cancelRequest(call);
    case 'deposit':
      return request(depositOf(account, call.amount, {}));
    case 'withdraw':
      return request(withdrawalOf(account, call.amount, {}));
    case 'hold':
      return request(holdOf(account, call.amount, {}));
    case 'transfer':
      return request(transferOf(account, call.to, call.amount, {}));
    case 'capture':
      return request(captureOf(account, call.hold, {}));
    case 'void':
      return request(voidOf(account, call.hold, {}));
    case 'refund':
      return request(refundOf(account, call.call, {}));
    case 'status':
      return request(statusOf(account, call, {}));
  }
}
