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
import { cancelRequest, moveRequest } from '../../../../client/requests.ts';
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
      return moveRequest(depositOf(call.account, call.amount, {}), call.key, true);
    case 'withdraw':
      return moveRequest(withdrawalOf(call.account, call.amount, {}), call.key, true);
    case 'hold':
      return moveRequest(holdOf(call.account, call.amount, {}), call.key, true);
    case 'transfer':
      return moveRequest(transferOf(call.account, call.to, call.amount, {}), call.key, true);
    case 'capture':
      return moveRequest(captureOf(call.account, call.hold, {}), call.key, true);
    case 'void':
      return moveRequest(voidOf(call.account, call.hold, {}), call.key, true);
    case 'refund':
      return moveRequest(refundOf(call.account, call.call, {}), call.key, true);
    case 'status':
      return moveRequest(statusOf(call.account, call, {}), call.key, true);
  }
}
