"""Trains the triage classifier: none, crisis, drug_request, medical_advice.

    python -m chatbot.training.triage --start MODEL --data safety.jsonl --bank corpus/questions.jsonl --evaluation DIR --out DIR

The rows written for this project (`data/safety.jsonl` beside this file) are joined by messages that must pass: questions of the
bank, and the sentences of its stories one by one, since triage reads the sentences of a long message alone; ordinary questions
of public question sets; prompt injections; and half, by hash, of the safe prompts of XSTest and of the CounselChat posts without
a word of crisis. Half of all rows come a second time with typing errors. A BERT classifier started from all-MiniLM-L6-v2,
cross-entropy, three passes.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import zlib
from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from chatbot.models.triage_model import LABELS
from chatbot.training.pairs import read_jsonl, with_typos

BATCH = 32
MAX_PIECES = 96
WEIGHTS = [1.0, 1.5, 1.2, 1.0]  # of the labels: a missed crisis is worse than an alarm
ORDINARY = 900  # questions of public sets that must pass
TAKING = re.compile(r"\b(?:dos(?:e|es|age|ing)|mg|milligrams?|buy|suicid\w*|should i|for me)\b", re.IGNORECASE)


def rows_of(options: argparse.Namespace, rng: random.Random) -> list[tuple[str, int]]:
    """(text, label) training rows, shuffled."""
    rows = [(r["text"], LABELS.index(r["label"])) for r in read_jsonl(options.data)]
    bank = [r["question"] for r in read_jsonl(options.bank) if not TAKING.search(r["question"])]
    rows += [(q, 0) for q in bank]
    stories = [s for q in bank if len(q) > 200 for s in re.split(r"(?<=[.!?])\s+", q)]
    rows += [(s, 0) for s in rng.sample(stories, min(500, len(stories)))]
    safety = options.evaluation / "safety"
    rows += [
        (r["prompt"], 0) for r in read_jsonl(safety / "xstest.jsonl") if r["label"] == "safe" and not held_out(r["id"])
    ]
    posts = [
        r for r in read_jsonl(safety / "counselchat_questions.jsonl") if not r["crisis_terms"] and not held_out(r["id"])
    ]
    rows += [(r["text"][:400], 0) for r in posts]
    injections = options.evaluation / "robustness" / "prompt_injection.jsonl"
    rows += [
        (r["text"][:400], 0) for r in read_jsonl(injections) if not held_out(r["id"]) and not TAKING.search(r["text"])
    ]
    rows += [(with_typos(text, rng), label) for text, label in rows if rng.random() < 0.5]
    ordinary = {r["question"] for r in read_jsonl(options.train / "answer_pairs.jsonl.gz") if not r.get("history")}
    rows += [(q, 0) for q in rng.sample(sorted(ordinary), ORDINARY)]
    rng.shuffle(rows)
    return rows


def held_out(ident: str) -> bool:
    """True for about one public row in two, always the same ones."""
    return zlib.crc32(ident.encode()) % 2 == 0


def train(options: argparse.Namespace) -> None:
    """Trains and leaves model and tokenizer in `options.out`/model."""
    rng = random.Random(options.seed)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    rows = rows_of(options, rng)
    tokenizer = AutoTokenizer.from_pretrained(options.start)
    model = AutoModelForSequenceClassification.from_pretrained(options.start, num_labels=len(LABELS))
    steps = options.passes * (len(rows) // BATCH + 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min((n + 1) / 30, max(0.0, 1 - n / steps)))
    loss_of = torch.nn.CrossEntropyLoss(weight=torch.tensor(WEIGHTS), label_smoothing=0.02)
    model.train()
    step = 0
    for number in range(options.passes):
        rng.shuffle(rows)
        pools = [sorted(rows[i : i + 512], key=lambda r: len(r[0])) for i in range(0, len(rows), 512)]
        for batch in (pool[i : i + BATCH] for pool in pools for i in range(0, len(pool), BATCH)):
            inputs = tokenizer(
                [t for t, _ in batch], padding=True, truncation=True, max_length=MAX_PIECES, return_tensors="pt"
            )
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(**inputs).logits
            loss = loss_of(logits.float(), torch.tensor([label for _, label in batch]))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            if step % 50 == 0:
                print(
                    json.dumps({"pass": number, "step": step, "of": steps, "loss": round(loss.item(), 4)}), flush=True
                )
    model.save_pretrained(options.out / "model")
    tokenizer.save_pretrained(options.out / "model")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", required=True)
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data" / "safety.jsonl")
    parser.add_argument("--bank", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True, help="folder with answer_pairs.jsonl.gz")
    parser.add_argument("--evaluation", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=20261124)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
