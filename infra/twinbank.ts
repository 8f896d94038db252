import type { App } from 'aws-cdk-lib';
import { type Configuration, resolveConfiguration } from './configuration.ts';
import { TablesStack } from './tables.ts';

/** Adds everything that a bank consists of to an app, and says which configuration it followed. */
export function addTwinbank(app: App): Configuration {
  const configuration = resolveConfiguration(app.node.tryGetContext('twinbank'));
  new TablesStack(app, configuration);
  return configuration;
}
