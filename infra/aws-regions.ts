/**
 * Regions in which DynamoDB offers tables with multi-Region strong consistency, and therefore the only ones in which a
 * bank can have a replica or a witness. Any three of them form a set.
 *
 * As of 2026-09-23, when Regions of different continents could be combined for the first time. When AWS adds one, add it
 * here; nothing else in this repository knows the list. The references of CloudFormation and the SDK, and `TableV2` of the
 * CDK, still have the three older, closed sets: us-east-1, us-east-2, us-west-2; eu-west-1, -2, -3, eu-central-1;
 * ap-northeast-1, -2, -3.
 */
export const STRONGLY_CONSISTENT_REGIONS: ReadonlySet<string> = new Set([
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'ca-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-central-1',
  'eu-north-1',
  'eu-south-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
]);

/** Those of them that must be enabled for an AWS account before it can use them. */
export const OPT_IN_REGIONS: ReadonlySet<string> = new Set(['eu-south-2']);

/**
 * What API Gateway accepts for all APIs of an account in one Region, unless AWS has raised it. See
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html, which names the Regions with less.
 */
export function gatewayQuota(region: string) {
  return region === 'eu-south-2'
    ? { requestsPerSecond: 2_500, burstRequests: 1_250 }
    : { requestsPerSecond: 10_000, burstRequests: 5_000 };
}
