/** Files of images whose content a learner meets: what the modelled programs read, and what `kubectl exec … -- cat` shows. */
type Files = Readonly<Record<string, string>>;

/** What stands for a program of an image that is modelled and cannot be run by hand. */
const stub = (name: string): string =>
  `#!/bin/sh\necho "not simulated: ${name} run by hand; a container's own process is the lab's model of it, if there is one" >&2\nexit 126\n`;

const stubs = (folder: string, ...names: readonly string[]): Files =>
  Object.fromEntries(names.map((name) => [`${folder}/${name}`, stub(name)]));

export const NGINX_FILES: Files = {
  '/etc/nginx/nginx.conf': `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`,
  '/etc/nginx/conf.d/default.conf': `server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`,
  '/etc/nginx/mime.types': `
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    application/javascript                           js;
    text/plain                                       txt;
    image/png                                        png;
    image/svg+xml                                    svg svgz;
    application/json                                 json;
}
`,
  '/usr/share/nginx/html/index.html': `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page is served by the lab's model of the image.</p>
</body>
</html>
`,
  '/usr/share/nginx/html/50x.html': `<!DOCTYPE html>
<html>
<head><title>Error</title></head>
<body>
<h1>An error occurred.</h1>
</body>
</html>
`,
  '/docker-entrypoint.sh': `#!/bin/sh
# The container's own process is the lab's model of the image; run by hand this starts what it is given.
exec "$@"
`,
  ...stubs('/usr/sbin', 'nginx'),
};

export const HTTPD_FILES: Files = {
  '/usr/local/apache2/htdocs/index.html': '<html><body><h1>It works!</h1></body></html>\n',
};

export const PYTHON_FILES: Files = stubs('/usr/local/bin', 'python', 'python3', 'pip', 'pip3');

export const NODE_FILES: Files = stubs('/usr/local/bin', 'node', 'nodejs', 'npm', 'npx', 'yarn');

export const GOLANG_FILES: Files = stubs('/usr/local/bin', 'go', 'gofmt');

/** Its own program is this machine's (base.ts). */
export const CURL_FILES: Files = {
  '/entrypoint.sh': `#!/bin/sh
if [ "$#" -gt 0 ] && [ "\${1#-}" = "$1" ] && command -v "$1" > /dev/null 2>&1; then exec "$@"; fi
exec curl "$@"
`,
};

export const REDIS_FILES: Files = stubs('/usr/local/bin', 'redis-cli', 'redis-server');

export const POSTGRES_FILES: Files = stubs('/usr/local/bin', 'psql', 'pg_isready', 'postgres', 'pg_dump');
