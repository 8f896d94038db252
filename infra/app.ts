import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunction } from './bundle.ts';
import { ConfigurationError, MEMBER_NAMES, resolveConfiguration } from './configuration.ts';
import { GrantError } from './grants.ts';
import type { Bundles } from './region.ts';
import { Twinbank } from './twinbank.ts';

/**
 * The program that the CDK's command runs. The configuration comes from the context (cdk.json, `-c NAME=VALUE`), and the
 * account from the credentials that the command has found.
 */
async function main(): Promise<void> {
  const app = new App();
  const configuration = resolveConfiguration({
    context: app.node.tryGetContext('twinbank'),
    overrides: Object.fromEntries(MEMBER_NAMES.map((name) => [name, app.node.tryGetContext(name)])),
    credentialsAccount: process.env['CDK_DEFAULT_ACCOUNT'],
    accountRequired: app.node.tryGetContext('deploy') !== undefined,
  });
  const bundles = {
    api: await bundled('api'),
    sweep: await bundled('sweep'),
    protection: await bundled('protection'),
  };
  new Twinbank(app, 'Twinbank', { configuration, bundles });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** Bundles a function into a folder of its own, because what is deployed is a folder. */
async function bundled(name: keyof Bundles): Promise<string> {
  const folder = fileURLToPath(new URL(`../dist/functions/${name}`, import.meta.url));
  await bundleFunction(name, folder);
  return folder;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof GrantError)) {
    throw error;
  }
  // A stack trace would only hide the sentence that says what to change.
  console.error(error.message);
  process.exitCode = 1;
}
