import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const command = (program: string, ...argv: string[]): boolean => spawnSync(program, argv).status === 0;

/** Whether this user may mount: root, and not in a container that forbids it. */
export const canMount = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "mount-"));
  const mounted = command("mount", "-t", "tmpfs", "tmpfs", folder);
  if (mounted) command("umount", folder);
  rmSync(folder, { recursive: true });
  return mounted;
};

/** A small file system of its own at a path, for as long as it is in scope. */
export class Mount {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param options such as `size=4m` or `nr_inodes=100` */
  static tmpfs(path: string, options: string): Mount {
    return mounted(new Mount(path), "-t", "tmpfs", "-o", options, "tmpfs");
  }

  /** Undefined where there is no mkfs.ext4 or no loop device. @param bytes a multiple of 1 MiB */
  static ext4(path: string, image: string, bytes: number): Mount | undefined {
    writeFileSync(image, "");
    truncateSync(image, bytes);
    const made = ["mkfs.ext4", "/usr/sbin/mkfs.ext4"].some((mkfs) => command(mkfs, "-q", "-F", "-m", "0", image));
    mkdirSync(path, { recursive: true });
    return made && command("mount", "-o", "loop", image, path) ? new Mount(path) : undefined;
  }

  remount(options: string): void {
    if (!command("mount", "-o", `remount,${options}`, this.path)) throw new Error(`${this.path}: no ${options}`);
  }

  /** What lies on it, bytes and files. */
  used(): { readonly bytes: number; readonly files: number } {
    const { blocks, bfree, bsize, files, ffree } = statfsSync(this.path);
    return { bytes: (blocks - bfree) * bsize, files: files - ffree };
  }

  [Symbol.dispose](): void {
    command("umount", "-l", this.path);
  }
}

const mounted = (mount: Mount, ...argv: string[]): Mount => {
  mkdirSync(mount.path, { recursive: true });
  if (!command("mount", ...argv, mount.path)) throw new Error(`nothing could be mounted at ${mount.path}`);
  return mount;
};
