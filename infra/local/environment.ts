import { devNull } from 'node:os';

/**
 * The AWS settings of a process that talks to a local DynamoDB, by the names the SDK gives them. The credentials are
 * letters and digits because DynamoDB Local accepts nothing else.
 */
export function awsEnvironment(endpoint: string, region: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: region,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    // The SDK would print a warning into the Region's log for each Node release that its next major version drops.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // The local bank must not use the profiles and endpoints that its user has configured for real accounts.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}

/** This process's environment without anything that is meant for AWS. */
export function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')));
}
