import { expect, test } from 'vitest';
import { ConfigurationError, resolveConfiguration } from '../../infra/configuration.ts';

const good = { prefix: 'twinbank', regions: ['us-east-1', 'us-east-2'], witness: 'us-west-2' };

function codeOf(context: unknown): string {
  try {
    resolveConfiguration(context);
    return 'accepted';
  } catch (error) {
    if (error instanceof ConfigurationError) return error.code;
    throw error;
  }
}

test('a complete context is a configuration', () => {
  expect(resolveConfiguration(good)).toEqual(good);
});

test('any three different Regions will do, because AWS keeps adding to the sets', () => {
  const elsewhere = { ...good, regions: ['eu-central-1', 'ap-northeast-1'], witness: 'us-gov-west-1' };
  expect(codeOf(elsewhere)).toBe('accepted');
});

test('two equal Regions are no two Regions', () => {
  expect(codeOf({ ...good, regions: ['us-east-1', 'us-east-1'] })).toBe('regions_equal');
});

test('a witness inside one of the two Regions is no third one', () => {
  expect(codeOf({ ...good, witness: 'us-east-1' })).toBe('witness_is_region');
  expect(codeOf({ ...good, witness: 'us-east-2' })).toBe('witness_is_region');
});

test.each([undefined, '', 'x', 'Twinbank', '1bank', 'bank_one', 'a'.repeat(33), 7])(
  '%j is not a prefix',
  (prefix) => {
    expect(codeOf({ ...good, prefix })).toBe('bad_prefix');
  },
);

test.each([
  undefined,
  'us-east-1',
  [],
  ['us-east-1'],
  ['us-east-1', 'Ohio'],
  ['us-east-1', 'us-east-2', 'us-west-2'],
])('%j is not two Regions', (regions) => {
  expect(codeOf({ ...good, regions })).toBe('bad_region');
});

test.each([undefined, '', 'oregon', 3])('%j is not a witness', (witness) => {
  expect(codeOf({ ...good, witness })).toBe('bad_region');
});

test.each([undefined, null, 'twinbank', []])('%j is not a context', (context) => {
  expect(codeOf(context)).toBe('bad_prefix');
});

test('an error says where to look and what was found', () => {
  expect(() => resolveConfiguration({ ...good, witness: 'us-east-1' })).toThrow(
    /^cdk\.json, context\.twinbank: .*us-east-1/,
  );
});
