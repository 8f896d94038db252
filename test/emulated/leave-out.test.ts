import { describe, expect, test } from 'vitest';
import { leaveOut } from './leave-out.ts';

const ALARM = { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'unanswered' } };
const SUM = { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [] } };
const EXPERIMENT = { Type: 'AWS::FIS::ExperimentTemplate', Properties: {} };
const ROLE = { Type: 'AWS::IAM::Role', Properties: {} };

describe('what the emulator refuses', () => {
  test('is taken out, with the outputs that refer to it, and is reported', () => {
    const outputs = {
      Drill: { Value: { 'Fn::GetAtt': ['Experiment', 'Id'] } },
      Sum: { Value: { 'Fn::Join': ['', ['alarm ', { Ref: 'Sum' }]] } },
      Named: { Value: { 'Fn::Sub': `\${Experiment.Id}` } },
      Role: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } },
    };
    const resources = { Alarm: ALARM, Sum: SUM, Experiment: EXPERIMENT, Role: ROLE };

    expect(leaveOut({ Resources: resources, Outputs: outputs })).toEqual({
      template: { Resources: { Alarm: ALARM, Role: ROLE }, Outputs: { Role: outputs.Role } },
      leftOut: [
        'AWS::CloudWatch::Alarm Sum',
        'AWS::FIS::ExperimentTemplate Experiment',
        'output Drill',
        'output Sum',
        'output Named',
      ],
    });
  });

  test('is nothing in a template that has none of it, which stays as it was', () => {
    const template = { Resources: { Alarm: ALARM, Role: ROLE }, Description: 'kept' };

    expect(leaveOut(template)).toEqual({ template, leftOut: [] });
  });
});
