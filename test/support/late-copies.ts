import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { HEADERS } from '../../client/contract/operations.ts';
import { type Fault, PASS, type ProxiedRequest } from './fault-proxy.ts';
import type { RawAnswer } from './raw-socket.ts';
import type { Reached } from './wired-bank.ts';

/** A copy of an attempt that its caller has given up, on its way to the server that it was sent to. */
export interface LateCopy {
  deliver(): Promise<RawAnswer>;
}

/** Has the next attempt fail in a way, and keeps a copy of it. */
export type KeepNext = (fault: Fault) => Promise<LateCopy>;

/**
 * Networks that now and then lose their way: the next attempt after a `keepNext` fails, wherever it goes, and its copy
 * comes when the test says so. Everything else passes.
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

/** Of a busy machine too: a copy that is turned away because its attempt had little time left proves nothing. */
const ENOUGH_MS = 20_000;

function deliver(url: string, { method, path, headers, body }: ProxiedRequest): Promise<RawAnswer> {
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
