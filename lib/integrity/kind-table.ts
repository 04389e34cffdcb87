import type { Role } from "./role";

/** Kinds without a platform always find room below 2^16. */
const MOST_KINDS_BY_PLATFORM = 60_000;
const MOST_PLATFORMS = 4096;

/** What role, depth and platform objects have: few combinations, each with a number. */
export class KindTable {
  private readonly numbers = new Map<number, number>();
  private readonly roles: Role[] = [];
  private readonly depths: number[] = [];
  private readonly platforms: string[] = [];
  private readonly platformNumbers = new Map<string, number>([["", 0]]);

  intern(role: Role, depth: number, platform: string): number {
    const platformNumber = this.platformNumber(platform);
    const key = (platformNumber * 256 + depth) * 8 + role;
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    // A hostile index may name any number of platforms: past the table's range they have no name.
    if (platformNumber > 0 && this.roles.length >= MOST_KINDS_BY_PLATFORM)
      return this.intern(role, depth, "");
    this.numbers.set(key, this.roles.length);
    this.depths.push(depth);
    this.platforms.push(platformNumber === 0 ? "" : platform);
    return this.roles.push(role) - 1;
  }

  role(kind: number): Role {
    return this.roles[kind] as Role;
  }

  depth(kind: number): number {
    return this.depths[kind] as number;
  }

  platform(kind: number): string {
    return this.platforms[kind] as string;
  }

  private platformNumber(platform: string): number {
    const known = this.platformNumbers.get(platform);
    if (known !== undefined) return known;
    if (this.platformNumbers.size > MOST_PLATFORMS) return 0;
    this.platformNumbers.set(platform, this.platformNumbers.size);
    return this.platformNumbers.size - 1;
  }
}
