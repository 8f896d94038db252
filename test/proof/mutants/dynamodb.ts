import type { Room } from './mutant.ts';

const FROZEN = 'test/functions/frozen.test.ts';

/** The conditions as DynamoDB is sent them, and how the store reads and writes. */
export const DYNAMODB: Room = {
  'functions/dynamodb/expressions.ts': [
    {
      removes: 'the condition that the key is not in the head',
      keeps: 'I3',
      find: "      'NOT contains(#keys, :key)',\n",
      replace: "      '(NOT contains(#keys, :key) OR contains(#keys, :key))',\n",
      caughtBy: 'test/functions/store.test.ts',
    },
    {
      removes: 'the condition that the key is above the watermark',
      keeps: 'I3',
      find: "'NOT #watermark >= :key'",
      replace: "'(NOT #watermark >= :key OR #watermark >= :key)'",
      caughtBy: 'test/functions/exactly-once.test.ts',
    },
    {
      removes: 'the condition that no page was turned since the search',
      keeps: 'I3',
      find: "...(guard.kind === 'searched' ? [turnedIs(guard.turned)] : []),",
      replace:
        "...(guard.kind === 'searched' ? [`(${turnedIs(guard.turned)} OR attribute_exists(#turned))`] : []),",
      caughtBy: 'test/functions/stale-keys.test.ts',
    },
    {
      removes: 'the condition that no page was turned since this one was due',
      keeps: 'I6',
      find: '`${turnedIs(start)} AND size(#keys) >= :count',
      replace: '`(${turnedIs(start)} OR attribute_exists(#turned)) AND size(#keys) >= :count',
      caughtBy: 'test/functions/head.test.ts',
    },
    {
      removes: 'the condition that a head has fewer than 500 entries',
      keeps: 'I7',
      find: "'(attribute_not_exists(#keys) OR size(#keys) < :full)',",
      replace: "'(attribute_not_exists(#keys) OR size(#keys) < :full OR size(#keys) >= :full)',",
      caughtBy: 'test/functions/head.test.ts',
    },
    {
      removes: 'the condition that no later version is needed',
      keeps: 'I6',
      find: "      'NOT #needs > :version',\n      ...required",
      replace: "      '(NOT #needs > :version OR #needs > :version)',\n      ...required",
      caughtBy: 'test/functions/versions.test.ts',
    },
    {
      removes: 'the condition that there is enough money',
      keeps: 'I1',
      find: "says: `#balance ${holds ? '>=' : '<'} ${name}`,",
      replace: 'says: holds ? `(#balance >= ${name} OR #balance < ${name})` : `#balance < ${name}`,',
      caughtBy: 'test/functions/store.test.ts',
    },
    {
      removes: 'the condition that a refusal is still true when it is recorded',
      keeps: 'I5',
      find: "says: `#balance ${holds ? '>=' : '<'} ${name}`,",
      replace: 'says: holds ? `#balance >= ${name}` : `(#balance < ${name} OR #balance >= ${name})`,',
      caughtBy: 'test/functions/store.test.ts',
    },
    {
      removes: 'the condition that the sum stays in bounds',
      keeps: 'I1',
      find: 'says: holds ? `NOT #balance > ${name}` : `#balance > ${name}`,',
      replace: 'says: holds ? `(NOT #balance > ${name} OR #balance > ${name})` : `#balance > ${name}`,',
      caughtBy: 'test/functions/store.test.ts',
    },
    {
      removes: 'the condition that a mark is as it was seen',
      keeps: 'I10',
      find: '`#mark${index} = :before${index}`',
      replace: '`(#mark${index} = :before${index} OR NOT #mark${index} = :before${index})`',
      caughtBy: 'test/functions/marks.test.ts',
    },
    {
      removes: 'the condition that the last mark is the last',
      keeps: 'never stuck',
      find: "isLast ? '#open = :one' : '#open > :one'",
      replace: "isLast ? 'attribute_exists(#open)' : '#open > :one'",
      caughtBy: 'test/functions/marks.test.ts',
    },
    {
      removes: 'the condition that another mark is left',
      keeps: 'never stuck',
      find: "isLast ? '#open = :one' : '#open > :one'",
      replace: "isLast ? '#open = :one' : 'attribute_exists(#open)'",
      caughtBy: 'test/functions/marks.test.ts',
    },
    {
      removes: 'that a time which is earlier replaces the one at which the sweep has to look',
      keeps: 'never stuck',
      find: "conditions.push(due.isEarlier ? 'NOT #dueAt < :due' : 'NOT #dueAt > :due');",
      replace: "conditions.push('(NOT #dueAt < :due OR #dueAt < :due)');",
      caughtBy: 'test/functions/marks.test.ts',
    },
    {
      removes: 'that the time at which the sweep has to look never becomes later',
      keeps: 'never stuck',
      find: "due.isEarlier ? '#dueAt = :due' : '#dueAt = if_not_exists(#dueAt, :due)'",
      replace: "'#dueAt = :due'",
      caughtBy: 'test/functions/marks.test.ts',
    },
    {
      removes: 'the condition that nothing was appended since the sweep read the marks',
      keeps: 'never stuck',
      find: "'#sequence = :sequence AND attribute_exists(#dueAt) AND",
      replace: "'(#sequence = :sequence OR #sequence <> :sequence) AND attribute_exists(#dueAt) AND",
      caughtBy: 'test/functions/marks.test.ts',
    },
    {
      removes: 'the condition that something is due where the sweep says when',
      keeps: 'never stuck',
      find: 'AND attribute_exists(#dueAt) AND',
      replace: 'AND (attribute_exists(#dueAt) OR attribute_not_exists(#dueAt)) AND',
      caughtBy: 'test/functions/marks.test.ts',
    },
    {
      removes: 'the condition that a side is open',
      keeps: 'I11',
      find: "says: `attribute_${holds ? 'not_' : ''}exists(#${predicate.side})`,",
      replace:
        'says: holds ? `(attribute_not_exists(#${predicate.side}) OR attribute_exists(#${predicate.side}))` : `attribute_exists(#${predicate.side})`,',
      caughtBy: FROZEN,
    },
    {
      removes: 'letting them write again once both sides are open',
      keeps: 'never stuck',
      find: "(['needs'] as const)",
      replace: '([] as const)',
      caughtBy: FROZEN,
    },
    {
      removes: 'that a side which is not named stays as it is',
      keeps: 'I11',
      find: "const opened = sides.filter((side) => status[side] === 'open');",
      replace: "const opened = sides.filter((side) => status[side] !== 'frozen');",
      caughtBy: FROZEN,
    },
  ],
  'functions/dynamodb/store.ts': [
    {
      removes: 'the condition that a page is not there yet',
      keeps: 'I6',
      find: "ConditionExpression: 'attribute_not_exists(#account)',",
      replace: "ConditionExpression: 'attribute_not_exists(#account) OR attribute_exists(#account)',",
      caughtBy: 'test/functions/head.test.ts',
    },
    {
      removes: 'asking DynamoDB for the item when a condition fails',
      keeps: 'I4',
      find: "      ReturnValues: 'ALL_NEW',\n      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',",
      replace: "      ReturnValues: 'ALL_NEW',",
      caughtBy: 'test/functions/store.test.ts',
    },
    {
      removes: 'strong consistency of the read of a head',
      keeps: 'I8',
      find: 'get(tables.accounts, { account }, true, signal);\n      return item === undefined ? NO_HEAD',
      replace: 'get(tables.accounts, { account }, false, signal);\n      return item === undefined ? NO_HEAD',
      caughtBy: 'test/functions/strong-reads.test.ts',
    },
    {
      removes: 'strong consistency of the read of pages',
      keeps: 'I8',
      find: 'ConsistentRead: true,',
      replace: 'ConsistentRead: false,',
      caughtBy: 'test/functions/strong-reads.test.ts',
    },
  ],
  'functions/dynamodb/connection.ts': [
    {
      removes: 'telling a write whose answer was lost from one that was turned away',
      keeps: 'I5',
      find: 'mayArrive ||= wasSent && !certainlyNotExecuted(error);',
      replace: 'mayArrive ||= !wasSent;',
      caughtBy: 'test/functions/store-faults.test.ts',
    },
  ],
};
