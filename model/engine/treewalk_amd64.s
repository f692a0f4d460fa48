#include "textflag.h"

// Registers of walkNarrowBMI2: R8 to R15 the nodes that the lanes are at, SI all nodes, DI the keys, CX whether a lane has moved, as in walkNarrowGo.

// STEP is stepNarrow. The node is rotated by narrowColumn less five bits: its column, times the 32 bytes that a column has, is cut out of that.
#define STEP(lane, node) \
	MOVQ (SI)(node*8), AX \
	ORQ AX, CX \
	RORXQ $27, AX, BX \
	ANDL $0x1ffe0, BX \
	MOVQ AX, DX \
	SHRQ $44, DX \
	CMPL AX, (lane*4)(DI)(BX*1) \
	ADCQ DX, node

// func walkNarrowBMI2(nodes *uint64, keys *narrowKeys, at *group)
TEXT ·walkNarrowBMI2(SB), NOSPLIT, $0-24
	MOVQ nodes+0(FP), SI
	MOVQ keys+8(FP), DI
	MOVQ at+16(FP), DX
	MOVQ 0(DX), R8
	MOVQ 8(DX), R9
	MOVQ 16(DX), R10
	MOVQ 24(DX), R11
	MOVQ 32(DX), R12
	MOVQ 40(DX), R13
	MOVQ 48(DX), R14
	MOVQ 56(DX), R15

step:
	XORL CX, CX
	STEP(0, R8)
	STEP(1, R9)
	STEP(2, R10)
	STEP(3, R11)
	STEP(4, R12)
	STEP(5, R13)
	STEP(6, R14)
	STEP(7, R15)
	SHRQ $44, CX
	JNZ step
	MOVQ at+16(FP), DX
	MOVQ R8, 0(DX)
	MOVQ R9, 8(DX)
	MOVQ R10, 16(DX)
	MOVQ R11, 24(DX)
	MOVQ R12, 32(DX)
	MOVQ R13, 40(DX)
	MOVQ R14, 48(DX)
	MOVQ R15, 56(DX)
	RET
