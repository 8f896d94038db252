import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { OPT_IN_REGIONS } from './aws-regions.ts';
import { BankCaller } from './caller.ts';
import type { Configuration } from './configuration.ts';
import { DashboardStack } from './dashboard.ts';
import { regionStackName } from './names.ts';
import { type Bundles, RegionStack } from './region.ts';
import { TablesStack } from './tables.ts';

export interface TwinbankProps {
  readonly configuration: Configuration;
  readonly bundles: Bundles;
}

/**
 * A whole bank: the tables, a stack for each Region, and a dashboard over both. The stacks refer to each other by
 * name; the stacks of the functions are deployed after that of the tables.
 */
export class Twinbank extends Construct {
  readonly regions: readonly [RegionStack, RegionStack];

  constructor(scope: Construct, id: string, { configuration, bundles }: TwinbankProps) {
    super(scope, id);
    const { prefix, account, regions } = configuration;
    const inRegion = (region: string) => ({ env: { region, ...(account === null ? {} : { account }) } });

    const tables = new TablesStack(this, configuration, {
      ...inRegion(regions[0]),
      description: 'Twinbank: accounts, pages and cached replies, in both Regions',
    });
    const regionStack = (index: 0 | 1) => {
      const region = regions[index];
      const stack = new RegionStack(this, region, {
        ...inRegion(region),
        stackName: regionStackName(prefix, region),
        description: `Twinbank: the bank in ${region}`,
        configuration,
        bundles,
      });
      stack.addStackDependency(tables, 'Its functions are of no use before there are tables.');
      return stack;
    };
    this.regions = [regionStack(0), regionStack(1)];
    new DashboardStack(this, configuration, {
      ...inRegion(regions[0]),
      description: 'Twinbank: the dashboard over both Regions',
    });
    for (const caller of configuration.callers) {
      new BankCaller(this, caller.role, caller);
    }
    for (const region of [...regions, configuration.witness].filter((each) => OPT_IN_REGIONS.has(each))) {
      Annotations.of(this).addInfo(
        `${region} has to be enabled for the AWS account before anything can be deployed to it.`,
      );
    }
    if (account === null) {
      Annotations.of(this).addInfo(
        'account is null and there are no AWS credentials to take one from: these templates fit any account, and cannot be deployed without one.',
      );
    }
  }
}
