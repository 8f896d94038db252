import { expect, test } from 'vitest';
import { CALL_METRICS, embeddedMetrics } from '../../functions/metrics.ts';
import { Tally } from '../../functions/tally.ts';

/** A log line of a call, as CloudWatch reads it. */
const LINE = {
  bank: 'twinbank',
  operation: 'deposit',
  outcome: 'executed',
  durationMs: 12.5,
  calls: 1,
  unanswered: 1,
  conflicts: 2,
  throttles: 3,
};

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

function directives(line: Record<string, unknown>): readonly Directive[] {
  const { _aws } = embeddedMetrics(line, CALL_METRICS, 1_700_000_000_000);
  expect(_aws).toMatchObject({ Timestamp: 1_700_000_000_000 });
  return (_aws as { CloudWatchMetrics: readonly Directive[] }).CloudWatchMetrics;
}

test('a call is counted by its operation and by its outcome, in the namespace of the bank', () => {
  expect(directives(LINE)[0]).toEqual({
    Namespace: 'Twinbank',
    Dimensions: [
      ['bank', 'operation'],
      ['bank', 'outcome'],
    ],
    Metrics: [{ Name: 'calls', Unit: 'Count' }],
  });
});

test('everything that the metrics name is a member of the line, dimensions as text and values as numbers', () => {
  for (const { Dimensions, Metrics } of directives(LINE)) {
    for (const name of Dimensions.flat()) {
      expect(LINE).toHaveProperty(name, expect.any(String));
    }
    for (const { Name } of Metrics) {
      expect(LINE).toHaveProperty(Name, expect.any(Number));
    }
  }
});

test('what a line does not say is no metric of it', () => {
  const names = (line: Record<string, unknown>) =>
    directives(line).flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  expect(names(LINE)).toEqual(['calls', 'durationMs', 'unanswered', 'conflicts', 'throttles']);
  expect(names({ ...LINE, headEntries: 20 })).toContain('headEntries');
  expect(directives({ bank: 'twinbank' })).toEqual([]);
});

test('conflicts and throttles are counted until a line takes them, each once', () => {
  const tally = new Tally();
  for (const name of [
    'ReplicatedWriteConflictException',
    'ReplicatedWriteConflictException',
    'TimeoutError',
  ]) {
    tally.count(name);
  }
  tally.count('ThrottlingException');
  tally.count('ProvisionedThroughputExceededException');
  expect(tally.take()).toEqual({ conflicts: 2, throttles: 2 });
  expect(tally.take()).toEqual({});
});
