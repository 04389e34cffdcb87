/** Where the front finds what is not of the configuration itself; paths as the front sees them. */
export interface FrontSurroundings {
  /** Whom the workers run as; null for whoever started nginx. */
  readonly user: string | null;
  readonly pidFile: string;
  readonly accessLog: string;
  readonly errorLog: string;
  /** Folder for bodies that are being received. */
  readonly temporaryDirectory: string;
  readonly blobCacheDirectory: string;
  readonly certificateFile: (registry: string) => string;
  readonly keyFile: (registry: string) => string;
  readonly uiHtpasswdFile: string;
  /** What `listen` says for a port: `5050` is every address. */
  readonly listen: (port: number) => string;
  /** For how long an address that the resolver gave is believed, whatever the answer says. */
  readonly addressValidForSeconds: number;
  readonly registryPort: number;
  readonly debugPort: number;
  readonly uiPort: number;
}

/** As the front's container has them. */
export const CONTAINER_SURROUNDINGS: FrontSurroundings = {
  user: "nginx",
  pidFile: "/run/nginx.pid",
  accessLog: "/var/log/nginx/access.log",
  errorLog: "/var/log/nginx/error.log",
  temporaryDirectory: "/var/cache/nginx",
  blobCacheDirectory: "/var/cache/nginx/blobs",
  certificateFile: (registry) => `/etc/nginx/tls/${registry}.crt`,
  keyFile: (registry) => `/etc/nginx/tls/${registry}.key`,
  uiHtpasswdFile: "/etc/nginx/auth/ui.htpasswd",
  listen: (port) => `${port}`,
  addressValidForSeconds: 10,
  registryPort: 5000,
  debugPort: 5001,
  uiPort: 80,
};
