import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type Configuration, resolveConfiguration } from '../../infra/configuration.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { Twinbank } from '../../infra/twinbank.ts';
import type { Deployment, StackTemplate } from './deployment.ts';
import { ACCOUNT } from './policies.ts';

const CDK = JSON.parse(readFileSync(join(PROJECT_FOLDER, 'cdk.json'), 'utf8')) as {
  context: { twinbank: object };
};

/**
 * Synthesizes the whole app in this process, with the checks that `cdk synth` runs, and with functions that are empty:
 * bundling them takes longer and is tested elsewhere. Throws when a check finds something.
 */
export function synthesize(
  overrides: Partial<Record<keyof Configuration, unknown>> = {},
  extend: (bank: Twinbank) => void = () => {},
): Deployment {
  const configuration = resolveConfiguration({
    context: { ...CDK.context.twinbank, account: ACCOUNT, ...overrides },
  });
  const folder = mkdtempSync(join(tmpdir(), 'twinbank-deployment-'));
  try {
    const app = new App({ outdir: join(folder, 'out'), builtinCloudFormationValidation: false });
    const bundles = {
      api: emptyFunction(folder, 'api'),
      sweep: emptyFunction(folder, 'sweep'),
      protection: emptyFunction(folder, 'protection'),
    };
    const bank = new Twinbank(app, 'Twinbank', { configuration, bundles });
    extend(bank);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const { stacks } = app.synth();
    const find = (name: string): StackTemplate => {
      const stack = stacks.find(({ stackName }) => stackName === `${configuration.prefix}-${name}`);
      if (stack === undefined) {
        throw new Error(`there is no stack ${name}`);
      }
      return {
        stackName: stack.stackName,
        region: stack.environment.region,
        dependencies: stack.dependencies.map(({ id }) => id),
        terminationProtection: stack.terminationProtection ?? false,
        resources: stack.template.Resources,
        outputs: stack.template.Outputs ?? {},
        text: JSON.stringify(stack.template),
      };
    };
    const [first, second] = configuration.regions;
    const parts = {
      tables: find('tables'),
      regions: [find(first), find(second)] as const,
      dashboard: find('dashboard'),
    };
    if (stacks.length !== 4) {
      throw new Error(`there are ${stacks.length} stacks instead of four`);
    }
    return {
      ...parts,
      all: [parts.tables, ...parts.regions, parts.dashboard],
      acknowledged: acknowledgedIn(app),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function acknowledgedIn(app: App): Deployment['acknowledged'] {
  return app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>))
      .map(([id, reason]) => ({ path: node.path, id, reason })),
  );
}

function emptyFunction(folder: string, name: string): string {
  const bundle = join(folder, name);
  mkdirSync(bundle, { recursive: true });
  writeFileSync(join(bundle, `${name}.mjs`), `export const handler = () => '${name}';\n`);
  return bundle;
}
