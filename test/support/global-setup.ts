import type { TestProject } from 'vitest/node';
import { Keeper } from '../../infra/local/keeper.ts';
import type { Deployment } from './deployment.ts';
import { synthesize } from './synthesize.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dynamodbEndpoint: string;
    /** What cdk.json deploys as it is. */
    deployment: Deployment;
  }
}

/** Starts one DynamoDB, in memory, for the whole run, and synthesizes the CDK app once. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const keeper = await Keeper.start({ dataFolder: null });
  console.log(`DynamoDB for this run: ${keeper.description}`);
  provide('dynamodbEndpoint', keeper.endpoint);
  provide('deployment', synthesize());
  return () => keeper.stop();
}
