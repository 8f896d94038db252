import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOf } from '../../../client/contract/schemas.ts';
import { FailoverError } from './errors.ts';

const EVERY_MS = 10;
/** Shorter than the time after which a SYN that was dropped is sent again: the next look finds out earlier. */
const LOOK_TIMEOUT_MS = 200;
const GIVE_UP_AFTER_MS = 30_000;

/** Waits until an address says that its Region is well, that is, that a strong read works there. */
export async function untilHealthy(address: string, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + GIVE_UP_AFTER_MS;
  while (!(await isHealthy(address))) {
    if (performance.now() > deadlineMs) {
      throw new FailoverError('not_healthy', `${address} was not well again after ${GIVE_UP_AFTER_MS} ms.`);
    }
    await sleep(EVERY_MS, undefined, { signal });
  }
}

/** Waits until an address no longer says so: a signal that stops a process is sent in a moment and obeyed in another. */
export async function untilSilent(address: string): Promise<void> {
  const deadlineMs = performance.now() + GIVE_UP_AFTER_MS;
  while (await isHealthy(address)) {
    if (performance.now() > deadlineMs) {
      throw new FailoverError('not_silent', `${address} still answers after ${GIVE_UP_AFTER_MS} ms.`);
    }
  }
}

/** Over a connection of its own each time: one that was open before may have been broken by the fault. */
function isHealthy(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(address + pathOf('health'), { agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode === 200));
    });
    // Refused, reset or silent: not well, whatever the reason.
    sent.once('error', () => resolve(false)).once('close', () => resolve(false));
    const timer = setTimeout(() => sent.destroy(), LOOK_TIMEOUT_MS);
    sent.once('close', () => clearTimeout(timer)).end();
  });
}
