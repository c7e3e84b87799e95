import { createHash } from 'node:crypto';

/** A machine of the cloud that the lab's nodes are said to run in. */
export interface Instance {
  readonly name: string;
  readonly address: string;
}

/** What lies under a path: a text, or what lies under the paths below it. */
export type MetadataTree = string | { readonly [path: string]: MetadataTree };

const REGION = 'eu-central-1';
const ACCOUNT = '111122223333';
/** The role of the nodes' instance profile; whoever reaches the service gets its keys. */
const ROLE = 'breachlab-node-role';

const HOUR_MS = 3_600_000;

/** Keys of a role hold for six hours and change every hour. */
const KEYS_HOLD_MS = 6 * HOUR_MS;

/**
 * What a machine is told of itself, after the categories of Amazon EC2
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html). `secret` makes the keys those of one lab.
 */
export function instanceData({ name, address }: Instance, secret: string, now: number): MetadataTree {
  const digest = (what: string): string => createHash('sha256').update(`${secret} ${what}`).digest('hex');
  const hostname = `ip-${address.replaceAll('.', '-')}.${REGION}.compute.internal`;
  const id = `i-0${digest(name).slice(0, 16)}`;
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
  const keys = digest(`${name} ${hour}`).toUpperCase();
  return {
    dynamic: {
      'instance-identity': {
        document: json({
          accountId: ACCOUNT,
          architecture: 'x86_64',
          availabilityZone: `${REGION}a`,
          imageId: 'ami-0b7ea5c7ab1ab0c57',
          instanceId: id,
          instanceType: 't3.medium',
          privateIp: address,
          region: REGION,
          version: '2017-09-30',
        }),
      },
    },
    'meta-data': {
      'ami-id': 'ami-0b7ea5c7ab1ab0c57',
      'ami-launch-index': '0',
      hostname,
      iam: {
        info: json({
          Code: 'Success',
          LastUpdated: time(hour),
          InstanceProfileArn: `arn:aws:iam::${ACCOUNT}:instance-profile/${ROLE}`,
          InstanceProfileId: `AIPA${digest('profile').toUpperCase().slice(0, 17)}`,
        }),
        'security-credentials': {
          [ROLE]: json({
            Code: 'Success',
            LastUpdated: time(hour),
            Type: 'AWS-HMAC',
            AccessKeyId: `ASIA${keys.slice(0, 16)}`,
            SecretAccessKey: Buffer.from(keys).toString('base64').slice(0, 40),
            Token: Buffer.from(digest(`token ${name} ${hour}`)).toString('base64'),
            Expiration: time(hour + KEYS_HOLD_MS),
          }),
        },
      },
      'instance-id': id,
      'instance-type': 't3.medium',
      'local-hostname': hostname,
      'local-ipv4': address,
      placement: { 'availability-zone': `${REGION}a`, region: REGION },
      'security-groups': 'breachlab-nodes',
      services: { domain: 'amazonaws.com', partition: 'aws' },
    },
  };
}

/** What a path leads to: a value, the names below it a line each, or undefined. */
export function lookUp(tree: MetadataTree, path: string): string | undefined {
  let at: MetadataTree | undefined = tree;
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (typeof at !== 'object' || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  if (at === undefined || typeof at === 'string') return at;
  return Object.entries(at)
    .map(([name, below]) => (typeof below === 'string' ? name : `${name}/`))
    .join('\n');
}

const json = (value: object): string => JSON.stringify(value, null, 2);
