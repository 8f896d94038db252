import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Passing } from '../../support/proxy.ts';
import type { FaultBoard } from './board.ts';
import type { KindName } from './kinds.ts';
import { type Operation, operationOf } from './operation.ts';
import type { Saboteur } from './sabotage.ts';
import { breachOf, type RuleBook } from './table-rules.ts';

export interface TableOptions {
  /** Names of the strongly consistent tables. */
  readonly strong: readonly string[];
  readonly board: FaultBoard;
  readonly saboteur: Saboteur;
  readonly rules: RuleBook;
}

/** Longer than the bank waits for one answer, so that some requests arrive when it has asked again. */
const LONGEST_DELAY_MS = 2000;
const LATEST_MS = 4000;

/** Brings a request from a Region to DynamoDB and its answer back, as far as the faults and the rules let it. */
export async function passTable(passing: Passing, parts: TableOptions): Promise<void> {
  const { board, strong, rules } = parts;
  const operation = operationOf(passing.headers['x-amz-target'], passing.body);
  const breach = breachOf(operation, strong);
  rules.requests += 1;
  if (breach !== undefined) {
    rules.breaches.push(breach);
    passing.reply(problem(400, 'com.amazon.coral.validate#ValidationException', breach));
    return;
  }
  const deliver = () => deliverTruly(passing, operation, parts.saboteur);
  switch (board.strike('table', (kind) => canHappen(kind, operation, strong))) {
    case 'table_drop_reply':
      await deliver();
      passing.reply(undefined);
      return;
    case 'table_delay':
      await sleep(board.timeMs(50, LONGEST_DELAY_MS));
      passing.reply(await deliver());
      return;
    case 'table_reset':
      passing.reply(undefined);
      return;
    case 'table_hang':
      passing.deliverLater(board.coin() ? 0 : board.timeMs(500, LATEST_MS));
      return;
    case 'table_cut_off':
      passing.reply(
        problem(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', 'Internal server error'),
      );
      return;
    case 'table_conflict':
      passing.reply(
        problem(
          400,
          'com.amazonaws.dynamodb.v20120810#ReplicatedWriteConflictException',
          'One or more items in this request are being modified by a request in another Region.',
        ),
      );
      return;
    case 'table_throttle':
      passing.reply(
        problem(
          400,
          'com.amazonaws.dynamodb.v20120810#ThrottlingException',
          'Rate exceeded, play it slower.',
        ),
      );
      return;
    case 'table_duplicate': {
      const answer = await deliver();
      passing.deliverLater(board.timeMs(0, LATEST_MS));
      // Of a write that was turned away the bank takes it that it does not arrive later. The copy then stands for one of which
      // nothing was heard.
      passing.reply(answer?.status === 200 ? answer : undefined);
      return;
    }
    default:
      passing.reply(await deliver());
  }
}

/** A Region that is cut off still serves reads that may be behind, and the cache; only writes are duplicated or conflict. */
function canHappen(kind: KindName, operation: Operation, strong: readonly string[]): boolean {
  const isOnStrong = operation.tables.some((table) => strong.includes(table));
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

async function deliverTruly(
  passing: Passing,
  operation: Operation,
  saboteur: Saboteur,
): Promise<Answer | undefined> {
  const [first, ...others] = saboteur(operation) ?? [];
  const answer = await passing.deliver(first);
  for (const other of others) {
    await passing.deliver(other);
  }
  return answer;
}

function problem(status: number, type: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify({ __type: type, message })),
  };
}
