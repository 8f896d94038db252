import type { TestProject } from 'vitest/node';
import { Supervisor } from '../../infra/local/supervisor.ts';
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
  const supervisor = await Supervisor.start({ dataFolder: null });
  console.log(`DynamoDB for this run: ${supervisor.description}`);
  provide('dynamodbEndpoint', supervisor.endpoint);
  provide('deployment', synthesize());
  return () => supervisor.stop();
}
