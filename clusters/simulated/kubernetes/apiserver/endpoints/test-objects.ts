import type { AnyObject } from '../test-bed.ts';

/** What tests of the endpoints send, and how they read the answers. */

export const MAPS = '/api/v1/namespaces/default/configmaps';
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
export const STRATEGIC = { 'Content-Type': 'application/strategic-merge-patch+json' };
export const MERGE = { 'Content-Type': 'application/merge-patch+json' };
export const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };
export const APPLY = { 'Content-Type': 'application/apply-patch+yaml' };

/** A JSON list whose items a test knows. */
export const items = (value: AnyObject | undefined): readonly AnyObject[] => value as unknown as readonly AnyObject[];

/** A JSON text that a test knows. */
export const text = (value: AnyObject | undefined): string => value as unknown as string;

export const configMap = (
  name: string,
  data: Record<string, string> = {},
  labels: Record<string, string> = {},
): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
});

export const deployment = (name: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          { name: 'a', image: 'nginx' },
          { name: 'b', image: 'busybox' },
        ],
      },
    },
  },
});
