import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { HEADERS } from '../../client/contract/operations.ts';
import { type Fault, type FaultProxy, PASS, type ProxiedRequest } from './fault-proxy.ts';

/** A server and the network before it. */
export interface Reached {
  /** The server itself, without a network before it. */
  readonly url: string;
  readonly network: FaultProxy;
}

/** A copy of an attempt that its caller has given up. It is still on its way to the server. */
export interface LateCopy {
  deliver(): Promise<{ readonly status: number; readonly body: string }>;
}

/** Has the next attempt fail in a way, and keeps a copy of it. */
export type KeepNext = (fault: Fault) => Promise<LateCopy>;

/**
 * Networks that keep copies: the next attempt after a `keepNext` fails, wherever it goes, and its copy arrives when the test
 * delivers it. Everything else passes.
 */
export function keepCopies(
  servers: readonly Reached[],
  isAttempt: (request: ProxiedRequest) => boolean,
): KeepNext {
  let next: { fault: Fault; kept: (copy: LateCopy) => void } | undefined;
  for (const { network, url } of servers) {
    network.decide = (sent) => {
      if (next === undefined || !isAttempt(sent)) {
        return PASS;
      }
      const { fault, kept } = next;
      next = undefined;
      kept({ deliver: () => deliver(url, sent) });
      return fault;
    };
  }
  return (fault) =>
    new Promise((kept) => {
      next = { fault, kept };
    });
}

/** Time left of a copy. One that is refused because its attempt had little time left proves nothing. */
const ENOUGH_MS = 20_000;

function deliver(
  url: string,
  { method, path, headers, body }: ProxiedRequest,
): ReturnType<LateCopy['deliver']> {
  return new Promise((resolve, reject) => {
    const unhurried = HEADERS.timeLeftMs in headers ? { [HEADERS.timeLeftMs]: String(ENOUGH_MS) } : {};
    const options = { method, headers: { ...headers, ...unhurried }, agent: false };
    const sent = request(url + path, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
