// Goal: what was used lately is there, what was not goes, and the bound holds. Method: a small map, used and overfilled.
import { describe, expect, it } from "vitest";
import { createLru } from "./lru.ts";

describe("a bounded map", () => {
  it("keeps what is used, and forgets what is not", () => {
    const lru = createLru<string, number>(8);
    lru.set("used", 0);
    for (let count = 1; count < 100; count++) {
      lru.set(`once ${count}`, count);
      expect(lru.get("used")).toBe(0);
    }
    expect(lru.get("once 1")).toBeUndefined();
    expect(lru.get("once 99")).toBe(99);
    lru.set("used", 1);
    expect(lru.get("used")).toBe(1);
    lru.clear();
    expect(lru.get("used")).toBeUndefined();
  });

  it("is bounded by weight", () => {
    const lru = createLru<number, string>(100, (text) => text.length);
    for (let count = 0; count < 1_000; count++) lru.set(count, "ten bytes!");
    const held = Array.from({ length: 1_000 }, (_, key) => key).filter((key) => lru.get(key) !== undefined);
    expect(held.length).toBeLessThanOrEqual(11);
    expect(held).toContain(999);
  });
});
