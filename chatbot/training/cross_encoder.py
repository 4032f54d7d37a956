"""Trains the second stage: one score for (question, text), read together.

A BERT cross-encoder with one output (Nogueira & Cho 2019, "Passage Re-ranking with BERT"), started from the weights of
all-MiniLM-L6-v2, binary cross-entropy, AdamW, linear warm-up and decay, bfloat16 autocast on the CPU. Batches are filled
with rows of like length, so that little is padding. The state is written every few minutes and a run that was stopped
goes on from there. `python -m chatbot.training.cross_encoder --help` lists what it takes.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import Any

import torch
from sklearn.metrics import roc_auc_score
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from chatbot.training.bank import bank_pairs
from chatbot.training.pairs import Pair, public_pairs

MAX_WORD_PIECES = 112  # a longer pair is cut, the longer of the two first
BATCH = 32
POOL = 64 * BATCH  # rows sorted by length at a time: less padding, the order still random


def batches(pairs: list[Pair], rng: random.Random) -> list[list[Pair]]:
    """Batches of like length, in random order."""
    out: list[list[Pair]] = []
    for start in range(0, len(pairs), POOL):
        pool = sorted(pairs[start : start + POOL], key=lambda p: len(p.question) + len(p.text))
        out += [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
    rng.shuffle(out)
    return out


def encode(tokenizer: Any, batch: list[Pair]) -> Any:
    """The batch as padded tensors of shape (batch, pieces)."""
    return tokenizer(
        [p.question for p in batch],
        [p.text for p in batch],
        padding=True,
        truncation="longest_first",
        max_length=MAX_WORD_PIECES,
        return_tensors="pt",
    )


def scores(model: Any, tokenizer: Any, pairs: list[Pair]) -> list[float]:
    """One logit a pair, in the order of `pairs`."""
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].question) + len(pairs[i].text))
    out = [0.0] * len(pairs)
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            logits = model(**encode(tokenizer, [pairs[i] for i in rows])).logits.squeeze(-1).float()
            for i, logit in zip(rows, logits.tolist(), strict=True):
                out[i] = logit
    return out


def measure(model: Any, tokenizer: Any, held_out: list[Pair]) -> dict[str, float]:
    """For each held-out source: AUROC over pairs, and the share of questions whose best text is a right one."""
    out: dict[str, float] = {}
    found = scores(model, tokenizer, held_out)
    for source in sorted({p.source for p in held_out}):
        rows = [(p, s) for p, s in zip(held_out, found, strict=True) if p.source == source]
        if len({p.label for p, _ in rows}) < 2:
            continue
        out[f"{source}_auroc"] = round(float(roc_auc_score([p.label for p, _ in rows], [s for _, s in rows])), 4)
        groups: dict[str, list[tuple[float, int]]] = {}
        for pair, score in rows:
            groups.setdefault(pair.group, []).append((score, pair.label))
        tops = {g: max(r) for g, r in groups.items()}
        answerable = {g: any(label for _, label in r) for g, r in groups.items()}
        right = [tops[g][1] for g in groups if answerable[g] and len(groups[g]) > 1]
        if right:
            out[f"{source}_hit1"] = round(sum(right) / len(right), 4)
        if len(set(answerable.values())) == 2:
            out[f"{source}_answerable_auroc"] = round(
                float(roc_auc_score([answerable[g] for g in groups], [tops[g][0] for g in groups])), 4
            )
    return out


def train(options: argparse.Namespace) -> None:
    """Runs the passes asked for and leaves model, tokenizer and curve in `options.out`."""
    rng = random.Random(options.seed)
    torch.manual_seed(options.seed)
    tokenizer = AutoTokenizer.from_pretrained(options.start)
    model = AutoModelForSequenceClassification.from_pretrained(options.start, num_labels=1)
    kept, held_out = public_pairs(options.train, options.evaluation, rng)
    kept = rng.sample(kept, min(len(kept), options.max_public))
    if options.bank:
        kept += bank_pairs(options.bank, options.corpus, rng, options.bank_copies)
        rng.shuffle(kept)
    torch.set_num_threads(options.threads)  # after the bank was read: the embedder sets it to one
    plan = [b for _ in range(options.passes) for b in batches(kept, rng)]
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01, fused=True)
    warm = max(1, len(plan) // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min((n + 1) / warm, max(0.0, (len(plan) - n) / (len(plan) - warm)))
    )
    options.out.mkdir(parents=True, exist_ok=True)
    curve = options.out / "curve.jsonl"
    state = options.out / "state.pt"
    step = 0
    if state.exists():
        saved = torch.load(state, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        step = saved["step"]
    loss_of = torch.nn.BCEWithLogitsLoss()
    began, since, total = time.monotonic(), step, 0.0
    print(f"{len(kept)} pairs, {len(plan)} steps, from step {step}", flush=True)
    while step < len(plan):
        model.train()
        batch = plan[step]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(**encode(tokenizer, batch)).logits.squeeze(-1)
        loss = loss_of(logits.float(), torch.tensor([float(p.label) for p in batch]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
        step += 1
        if step % 100 == 0:
            rate = (step - since) * BATCH / (time.monotonic() - began)
            print(f"step {step}/{len(plan)} loss {total / 100:.4f} {rate:.0f} pairs/s", flush=True)
            total = 0.0
        if step % options.every == 0 or step == len(plan):
            row = {"step": step, **measure(model, tokenizer, held_out[:: options.thin])}
            print(json.dumps(row), flush=True)
            with curve.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
            torch.save(
                {
                    "model": model.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                    "step": step,
                },
                state,
            )
    model.save_pretrained(options.out / "model")
    tokenizer.save_pretrained(options.out / "model")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", required=True, help="folder of the model to start from")
    parser.add_argument("--train", type=Path, required=True, help="folder with answer_pairs.jsonl.gz")
    parser.add_argument("--evaluation", type=Path, required=True, help="folder with evidence/ and retrieval/")
    parser.add_argument("--bank", type=Path, help="questions.jsonl of a corpus")
    parser.add_argument("--corpus", type=Path, help="folder of that corpus")
    parser.add_argument("--bank-copies", type=int, default=1)
    parser.add_argument("--max-public", type=int, default=10**9)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--rate", type=float, default=8e-5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=700, help="steps between two measurements")
    parser.add_argument("--thin", type=int, default=2, help="measure on every n-th held-out row")
    parser.add_argument("--seed", type=int, default=20261124)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
