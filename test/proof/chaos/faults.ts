import { setTimeout as sleep } from 'node:timers/promises';
import { isProblemCode, PROBLEMS } from '../../../client/contract/schemas.ts';
import { type Answer, DYNAMODB_ERRORS, dynamodbError, type Passing } from '../../support/proxy.ts';
import type { Chance } from '../chance.ts';
import type { FaultBoard } from './conductor.ts';
import { type Operation, operationOf } from './operation.ts';
import type { KindName } from './plan.ts';
import type { Saboteur } from './sabotage.ts';
import type { RuleWatch } from './watches.ts';

interface TableOptions {
  /** Names of the strongly consistent tables. */
  readonly strong: readonly string[];
  readonly board: FaultBoard;
  readonly saboteur: Saboteur;
  readonly rules: RuleWatch;
}

/** Longer than a sender waits for an answer, so that some requests and replies arrive too late. */
const LONGEST_DELAY_MS = 2000;
const LATEST_MS = 4000;

/** Answers in place of the Region or DynamoDB. */
const ANSWERS: Readonly<Partial<Record<KindName, Answer>>> = {
  gateway_error: {
    status: 500,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: Buffer.from('<!doctype html><title>500</title><h1>Internal Server Error</h1><hr>gateway'),
  },
  table_cut_off: DYNAMODB_ERRORS.internal,
  table_conflict: DYNAMODB_ERRORS.conflict,
  table_throttle: DYNAMODB_ERRORS.throttled,
};

/** Passes a request from a client to a Region, and the answer back, unless a fault hits it. */
export async function passNetwork(passing: Passing, board: FaultBoard): Promise<void> {
  board.countFrozen();
  await pass(board.strike('network'), passing, board.chance, () => passing.deliver(), isFinal);
}

/** Passes a request from a Region to DynamoDB, and the answer back, unless it breaks a rule or a fault hits it. */
export async function passTable(passing: Passing, parts: TableOptions): Promise<void> {
  const { board, strong, rules, saboteur } = parts;
  const operation = operationOf(passing.headers['x-amz-target'], passing.body);
  const breach = rules.pass(operation, strong);
  if (breach !== undefined) {
    passing.reply(dynamodbError(400, 'ValidationException', breach));
    return;
  }
  const kind = board.strike('table', (each) => canHappen(each, operation, strong));
  const deliver = async () => {
    const [first, ...others] = saboteur(operation) ?? [];
    const answer = await passing.deliver(first);
    for (const other of others) {
      await passing.deliver(other);
    }
    return answer;
  };
  await pass(kind, passing, board.chance, deliver, ({ status }) => status === 200);
}

/** Applies a fault to a request. Without one, delivers the request and returns the answer. */
async function pass(
  kind: KindName | undefined,
  passing: Passing,
  chance: Chance,
  deliver: () => Promise<Answer | undefined>,
  isFinal: (answer: Answer) => boolean,
): Promise<void> {
  switch (kind) {
    case 'drop_reply':
    case 'table_drop_reply':
      await deliver();
      return passing.reply(undefined);
    case 'delay_reply': {
      const answer = await deliver();
      await sleep(chance.whole(50, LONGEST_DELAY_MS));
      return passing.reply(answer);
    }
    case 'table_delay':
      await sleep(chance.whole(50, LONGEST_DELAY_MS));
      return passing.reply(await deliver());
    case 'reset_request':
    case 'table_reset':
      return passing.reply(undefined);
    case 'hang':
    case 'table_hang':
      return passing.deliverLater(chance.happens(0.5) ? 0 : chance.whole(500, LATEST_MS));
    case 'duplicate':
    case 'table_duplicate': {
      const answer = await deliver();
      passing.deliverLater(chance.whole(0, LATEST_MS));
      // After an answer that is not final, the sender assumes that nothing of the request can still arrive, because its transport sends
      // each request once. So the copy counts as the only one, and its sender gets no answer.
      return passing.reply(answer !== undefined && isFinal(answer) ? answer : undefined);
    }
    case 'gateway_error':
      if (chance.happens(0.5)) {
        await deliver();
      }
      return passing.reply(ANSWERS[kind]);
    case 'table_cut_off':
    case 'table_conflict':
    case 'table_throttle':
      return passing.reply(ANSWERS[kind]);
    default:
      passing.reply(await deliver());
  }
}

/** True for an answer of the bank that no later request can change. */
function isFinal({ status, body }: Answer): boolean {
  if (status === 200) {
    return true;
  }
  try {
    const { code = '' } = JSON.parse(body.toString('utf8')) as { code?: string };
    return isProblemCode(code) && PROBLEMS[code].final;
  } catch {
    return false;
  }
}

/** A Region that is cut off still serves reads that may be behind, and the cache; only writes are duplicated or conflict. */
function canHappen(kind: KindName, operation: Operation, strong: readonly string[]): boolean {
  const isOnStrong = operation.isAbout(strong);
  switch (kind) {
    case 'table_cut_off':
      return isOnStrong && (operation.isWrite || operation.isStrongRead);
    case 'table_conflict':
      return isOnStrong && operation.isWrite;
    case 'table_duplicate':
      return operation.isWrite;
    default:
      return true;
  }
}
