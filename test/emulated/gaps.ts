/**
 * What the emulator cannot do, of what the bank is built on. It is printed after every run, so that no reader takes a green
 * one for more than it is: a proof of the templates' wiring and of the policies, not of AWS.
 */
export const GAPS: readonly string[] = [
  'Strong consistency over Regions. The tables are one process: there is no witness, no latency, no index that is behind, no conflict of two Regions, no Region that is cut off.',
  'The loss of a whole Region. Both are one process on one port; what fails here is the function of one of them.',
  'Replicas by CloudFormation. The table of the second Region was made known by hand.',
  'Time to live, point-in-time recovery and deletion protection. They are accepted and forgotten.',
  'Retained tables. After they have been kept, the emulator makes them anew and empty, where AWS says that they exist.',
  'Throttling by the API, and its access log. Both are accepted, and nothing comes of them.',
  'Permissions of functions. Taken away, calls still get through.',
  'Metrics. None are read out of the log, and neither the API nor calls through it are counted.',
  'Alarms. Those over one metric are deployed and see none; those over several are refused and were left out.',
  'The dashboard, and e-mail. The former is kept, and nothing draws it.',
  'Experiments of AWS FIS, and X-Ray. The former are refused and were left out.',
  'Errors of the API itself. A function that fails, is throttled or is gone is answered otherwise than by AWS, and nothing has the mark of the API.',
  'Signatures of the root user and bearer tokens. The emulator lets them through; refusals are shown with roles only.',
  "The addresses of the APIs, and TLS. The run speaks http to one port, and lifts the policy of the CDK's bucket that forbids it.",
  'Node 24 and ARM, memory, latency and cost. Functions run in the Node of this machine.',
];
