/**
 * A container's root on this host: a small tree in memory with the host's programs in it read-only, in namespaces of
 * its own for mounts, processes, host name and IPC. The network is the host's.
 */
export interface MountedPath {
  /** A folder or a file of the host. */
  readonly source: string;
  /** In the container. */
  readonly path: string;
  readonly isFile: boolean;
  readonly isReadOnly: boolean;
}

export interface ContainerRoot {
  /** An empty folder of the host, which stays empty: the tree is mounted in the container's namespace alone. */
  readonly scratch: string;
  readonly hostname: string;
  /** Of the whole /etc/hosts. */
  readonly hostsFile: string;
  /** The node that the image's `node` is. */
  readonly node: string;
  readonly mounts: readonly MountedPath[];
  readonly isReadOnly: boolean;
  readonly workingDir: string;
}

export interface ContainerUser {
  readonly user: number;
  readonly group: number;
  readonly groups: readonly number[];
  readonly dropsAllCapabilities: boolean;
  readonly allowsPrivilegeEscalation: boolean;
}

/** What a runtime leaves to a container of root's, where the manifest does not drop it. */
const DEFAULT_CAPABILITIES = [
  ...[
    "chown",
    "dac_override",
    "fsetid",
    "fowner",
    "mknod",
    "net_raw",
    "setgid",
    "setuid",
    "setfcap",
    "setpcap",
  ],
  ...["net_bind_service", "sys_chroot", "kill", "audit_write"],
];

const SHARED_ETC = [
  "alternatives",
  "ca-certificates",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "mime.types",
  "ssl",
];

/**
 * For `sh -c <script> sh <command> …`, as the first process of new namespaces: builds the tree, enters it, and becomes
 * the command as the container's user. Where that cannot be done it ends with 128, as a runtime has it.
 */
export function renderRootScript(root: ContainerRoot, user: ContainerUser): string {
  const lines = [
    "set -eu",
    "trap 'exit 128' EXIT",
    // The container's own PATH is not for what builds its root.
    "path=$PATH; PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    `mount -t tmpfs -o mode=755 tmpfs ${quote(root.scratch)}`,
    `cd ${quote(root.scratch)}`,
    'bind() { mount --bind "$1" "$2"; mount -o remount,bind,ro "$2"; }',
    "mkdir -p usr/local/bin etc dev proc sys opt srv var/lib var/cache var/run run root home tmp .old",
    "chmod 1777 tmp",
    "for one in /usr/*; do case $one in /usr/local) ;; *)",
    '  if [ -L "$one" ]; then cp -P "$one" ".$one"; elif [ -d "$one" ]; then mkdir ".$one"; bind "$one" ".$one"; fi ;; esac; done',
    "for one in bin lib lib32 lib64 libx32 sbin; do",
    '  if [ -L "/$one" ]; then cp -P "/$one" "$one"; elif [ -d "/$one" ]; then mkdir "$one"; bind "/$one" "$one"; fi; done',
    "if [ -d /usr/local/lib ]; then mkdir usr/local/lib; bind /usr/local/lib usr/local/lib; fi",
    `touch usr/local/bin/node; bind ${quote(root.node)} usr/local/bin/node`,
    `for one in ${SHARED_ETC.join(" ")}; do`,
    '  if [ -d "/etc/$one" ]; then mkdir "etc/$one"; bind "/etc/$one" "etc/$one"; elif [ -f "/etc/$one" ]; then cp "/etc/$one" "etc/$one"; fi; done',
    "if [ -f /etc/resolv.conf ]; then cp -L /etc/resolv.conf etc/resolv.conf; fi",
    "printf 'root:x:0:0:root:/root:/bin/sh\\nnobody:x:65534:65534:nobody:/:/bin/sh\\n' > etc/passwd",
    "printf 'root:x:0:\\nnogroup:x:65534:\\n' > etc/group",
    "printf 'hosts: files dns\\n' > etc/nsswitch.conf",
    `printf '%s' ${quote(root.hostsFile)} > etc/hosts`,
    `printf '%s' ${quote(root.hostname)} > etc/hostname`,
    `printf '%s' ${quote(root.hostname)} > /proc/sys/kernel/hostname`,
    "mount -t tmpfs -o mode=755 tmpfs dev",
    'for one in null zero full random urandom; do touch "dev/$one"; mount --bind "/dev/$one" "dev/$one"; done',
    "ln -s /proc/self/fd dev/fd; ln -s /proc/self/fd/0 dev/stdin; ln -s /proc/self/fd/1 dev/stdout; ln -s /proc/self/fd/2 dev/stderr",
    "mkdir -m 1777 dev/shm",
    "mount -t proc proc proc",
    ...root.mounts.flatMap(mountLines),
    "pivot_root . .old",
    "umount -l /.old",
    "rmdir /.old",
    ...(root.isReadOnly ? ["mount -o remount,bind,ro /"] : []),
    `cd ${quote(root.workingDir)}`,
    "trap - EXIT",
    "setpriv=$(command -v setpriv); PATH=$path; unset PWD OLDPWD one path",
    `exec "$setpriv" ${userCommand(user).map(quote).join(" ")} "$@"`,
  ];
  return `${lines.join("\n")}\n`;
}

function mountLines({ source, path, isFile, isReadOnly }: MountedPath): readonly string[] {
  const target = quote(`.${path}`);
  const make = isFile
    ? `mkdir -p ${quote(`.${path.slice(0, path.lastIndexOf("/")) || "/"}`)}; [ -e ${target} ] || touch ${target}`
    : `mkdir -p ${target}`;
  return [
    make,
    `mount --bind ${quote(source)} ${target}`,
    ...(isReadOnly ? [`mount -o remount,bind,ro ${target}`] : []),
  ];
}

/** Dies with its parent too: the signal must be set again after the change of user, which clears it. */
function userCommand(user: ContainerUser): readonly string[] {
  const kept = user.dropsAllCapabilities ? [] : DEFAULT_CAPABILITIES;
  return [
    `--reuid=${user.user}`,
    `--regid=${user.group}`,
    user.groups.length === 0 ? "--clear-groups" : `--groups=${user.groups.join(",")}`,
    "--inh-caps=-all",
    `--bounding-set=${["-all", ...kept.map((name) => `+${name}`)].join(",")}`,
    ...(user.allowsPrivilegeEscalation ? [] : ["--no-new-privs"]),
    "--pdeathsig=KILL",
    "--",
  ];
}

/** Names beside localhost lead to loopback; ports stay what they are. */
export function renderHostsFile(hostname: string, hosts: readonly string[]): string {
  return `127.0.0.1 ${["localhost", hostname, ...hosts].join(" ")}\n::1 localhost\n`;
}

/** One word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Where there are no namespaces: a word of the command line, with the container's paths by the host's. */
export function mapPaths(word: string, mounts: readonly Pick<MountedPath, "source" | "path">[]): string {
  // The longest first: a volume may be mounted below another.
  const ordered = [...mounts].sort((a, b) => b.path.length - a.path.length);
  for (const { source, path } of ordered) {
    const at = word.indexOf(path);
    const next = word[at + path.length];
    if (at >= 0 && (next === undefined || !/[\w.-]/.test(next))) {
      return `${word.slice(0, at)}${source}${word.slice(at + path.length)}`;
    }
  }
  return word;
}
