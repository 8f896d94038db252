import { setTimeout as sleep } from 'node:timers/promises';
import { isProblemCode, PROBLEMS } from '../../../client/contract/schemas.ts';
import type { Answer, Passing } from '../../support/proxy.ts';
import type { FaultBoard } from './board.ts';

/** Longer than an attempt's time-out, so that some replies come when the caller has stopped waiting. */
const LONGEST_DELAY_MS = 2000;
const LATEST_MS = 4000;

const GATEWAY_PAGE: Answer = {
  status: 500,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: Buffer.from('<!doctype html><title>500</title><h1>Internal Server Error</h1><hr>gateway'),
};

/** Brings a request from a client to a Region and its answer back, as far as the network lets it. */
export async function passNetwork(passing: Passing, board: FaultBoard): Promise<void> {
  board.count('freeze');
  switch (board.strike('network')) {
    case 'drop_reply':
      await passing.deliver();
      passing.reply(undefined);
      return;
    case 'delay_reply': {
      const answer = await passing.deliver();
      await sleep(board.timeMs(50, LONGEST_DELAY_MS));
      passing.reply(answer);
      return;
    }
    case 'reset_request':
      passing.reply(undefined);
      return;
    case 'hang':
      passing.deliverLater(board.coin() ? 0 : board.timeMs(500, LATEST_MS));
      return;
    case 'gateway_error':
      if (board.coin()) {
        await passing.deliver();
      }
      passing.reply(GATEWAY_PAGE);
      return;
    case 'duplicate': {
      const answer = await passing.deliver();
      passing.deliverLater(board.timeMs(0, LATEST_MS));
      passing.reply(isForGood(answer) ? answer : undefined);
      return;
    }
    default:
      passing.reply(await passing.deliver());
  }
}

/**
 * True for an answer that holds whatever arrives later. After any other one the client takes it that nothing of the request can
 * still arrive, as its transport sends each request once. So the second copy of such a request stands for the first one, of
 * which nothing had been heard.
 */
function isForGood(answer: Answer | undefined): boolean {
  if (answer === undefined) {
    return false;
  }
  if (answer.status === 200) {
    return true;
  }
  try {
    const { code = '' } = JSON.parse(answer.body.toString('utf8')) as { code?: string };
    return isProblemCode(code) && PROBLEMS[code].final;
  } catch {
    return false;
  }
}
