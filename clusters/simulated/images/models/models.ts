import { coredns } from '../../network/dns/coredns/coredns.ts';
import { kubeProxy } from '../../network/services/kube-proxy/kube-proxy.ts';
import { agnhost } from './agnhost.ts';
import { httpEcho } from './http-echo.ts';
import { httpd } from './httpd.ts';
import { miner } from './miner.ts';
import type { Model } from './model.ts';
import { nginx } from './nginx/nginx.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

/** The programs of images that are modelled beyond being there, by repository. */
export const MODELS: Readonly<Record<string, Model>> = {
  'hashicorp/http-echo': httpEcho,
  httpd,
  nginx,
  postgres,
  redis,
  'registry.k8s.io/coredns/coredns': coredns,
  'registry.k8s.io/kube-proxy': kubeProxy,
  'registry.k8s.io/e2e-test-images/agnhost': agnhost,
  'xmrig/xmrig': miner,
};
