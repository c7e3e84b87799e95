import { coredns } from '../../network/dns/coredns/coredns.ts';
import { httpd } from './httpd.ts';
import { miner } from './miner.ts';
import type { Model } from './model.ts';
import { nginx } from './nginx/nginx.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

/** The programs of images that are modelled beyond being there, by repository. */
export const MODELS: Readonly<Record<string, Model>> = {
  httpd,
  nginx,
  postgres,
  redis,
  'registry.k8s.io/coredns/coredns': coredns,
  'xmrig/xmrig': miner,
};
