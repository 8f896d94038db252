import { App } from 'aws-cdk-lib';
import type { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { Preflight } from 'cdk-preflight';
import { describe, expect, test } from 'vitest';
import { synthesize } from '../support/synthesize.ts';

const SETS = [
  { regions: ['us-east-1', 'us-east-2'], witness: 'us-west-2' },
  { regions: ['eu-west-1', 'eu-central-1'], witness: 'eu-north-1' },
  { regions: ['us-east-1', 'eu-west-1'], witness: 'ap-northeast-1' },
];

describe('the checks of cdk-preflight, which know what CloudFormation refuses at deployment only', () => {
  /** It knows the three closed sets of Regions only, which AWS has opened; infra/aws-regions.ts is younger. */
  const outdated = 'pf-dynamodb-global-table-mrsc-region-set';

  test.each(SETS)('pass for $regions with $witness', (set) => {
    expect(() =>
      synthesize({ ...set, faultInjection: true }, (twinbank) => {
        Preflight.apply(App.of(twinbank) as App, { exclude: [outdated] });
      }),
    ).not.toThrow();
  });

  test('are at work: a table that is strongly consistent and has a time to live does not pass', () => {
    expect(() =>
      synthesize({}, (twinbank) => {
        Preflight.apply(App.of(twinbank) as App, { exclude: [outdated] });
        const accounts = twinbank.node.findChild('Tables').node.findChild('Accounts') as CfnGlobalTable;
        accounts.timeToLiveSpecification = { enabled: true, attributeName: 'expiresAt' };
      }),
    ).toThrow(/[Vv]alidation/);
  });
});
