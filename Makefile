# The front door. Each target sets up what it needs; everything it writes is under build/.
SECONDS ?= 60

.PHONY: help demo test build bench fuzz lint format clean

help:
	@echo 'make demo             build, and see ping, traceroute and mtr on a device go through the lab'
	@echo 'make test             every test; ends with "N passed, N failed"'
	@echo 'make build            the program: build/release/oneping'
	@echo 'make bench            echoes a second, CPU for each, latency, memory; build/bench.json'
	@echo 'make fuzz SECONDS=60  each fuzz target for that long'
	@echo 'make lint             format, clang-tidy, headers alone'
	@echo 'make format           format the sources'
	@echo 'make clean            take the lab down, remove build/'

demo:
	@scripts/demo

test:
	@scripts/test

build:
	@scripts/build

bench:
	@scripts/bench

fuzz:
	@scripts/fuzz $(SECONDS)

lint:
	@scripts/lint

format:
	@scripts/lint format

clean:
	@scripts/clean
