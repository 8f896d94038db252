import type { Credentials } from '../../client/index.ts';
import { ACCOUNT, type Aws, textOf } from './aws.ts';

/** IAM and STS are one for all Regions, and this is where they sign. */
const IAM = { service: 'iam', region: 'us-east-1', version: '2010-05-08' };
const STS = { service: 'sts', region: 'us-east-1', version: '2011-06-15' };

/** Members of the account may assume the role, as far as its own policies let it. */
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
  ],
});

/** Makes a role that may do nothing. What it may do at the bank comes with the deployment. */
export async function createRole(aws: Aws, name: string): Promise<void> {
  await aws.query(IAM, 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: TRUST });
}

/** Takes a role on, as a program does that calls the bank. */
export async function assumeRole(aws: Aws, name: string): Promise<Credentials> {
  const xml = await aws.query(STS, 'AssumeRole', {
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    RoleSessionName: 'emulated',
  });
  return {
    accessKeyId: textOf(xml, 'AccessKeyId'),
    secretAccessKey: textOf(xml, 'SecretAccessKey'),
    sessionToken: textOf(xml, 'SessionToken'),
  };
}
