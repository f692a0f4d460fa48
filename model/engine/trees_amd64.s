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

// Registers of scanNarrowAVX2: SI the nodes, CX those that are left, Y0 sound, Y1 the largest columns. In each lane Y2 has the limit, Y3 the leaves and one
// more, Y4 narrowMask, Y5 1, Y6 an offset of 1, Y7 what the limit goes down by.

DATA fromLane<>+0(SB)/8, $0
DATA fromLane<>+8(SB)/8, $0x1000
DATA fromLane<>+16(SB)/8, $0x2000
DATA fromLane<>+24(SB)/8, $0x3000
GLOBL fromLane<>(SB), RODATA|NOPTR, $32

#define SPREAD(value, low, all) \
	MOVQ value, AX \
	VMOVQ AX, low \
	VPBROADCASTQ low, all

// func scanNarrowAVX2(nodes *uint64, n int, limit, leaves uint64) (sound bool, widest uint64)
TEXT ·scanNarrowAVX2(SB), NOSPLIT, $0-48
	MOVQ nodes+0(FP), SI
	MOVQ n+8(FP), CX
	VPCMPEQQ Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	SPREAD(limit+16(FP), X2, Y2)
	VPSUBQ fromLane<>(SB), Y2, Y2
	SPREAD(leaves+24(FP), X3, Y3)
	VPSUBQ Y0, Y3, Y3
	SPREAD($0xfff, X4, Y4)
	SPREAD($1, X5, Y5)
	SPREAD($0x1000, X6, Y6)
	SPREAD($0x4000, X7, Y7)

four:
	VMOVDQU (SI), Y8
	VPSRLQ $32, Y8, Y9     // high
	VPAND Y4, Y9, Y10      // column
	VPMAXUD Y10, Y1, Y1
	VPSUBQ Y5, Y10, Y10    // column - 1
	VPSUBQ Y6, Y9, Y11     // high - one
	VPOR Y11, Y10, Y10
	VPSUBQ Y3, Y8, Y8      // w - leaves - 1
	VPANDN Y10, Y8, Y8
	VPSUBQ Y2, Y9, Y9      // high - limit
	VPANDN Y9, Y8, Y8      // (high - limit) & ((w - leaves - 1) | ^((column - 1) | (high - one)))
	VPAND Y8, Y0, Y0
	VPSUBQ Y7, Y2, Y2
	ADDQ $32, SI
	SUBQ $4, CX
	JNZ four
	VMOVMSKPD Y0, AX
	CMPL AX, $15
	SETEQ sound+32(FP)
	VEXTRACTI128 $1, Y1, X0
	VPMAXUD X0, X1, X1
	VPSHUFD $0x4e, X1, X0
	VPMAXUD X0, X1, X1
	VMOVQ X1, AX
	MOVQ AX, widest+40(FP)
	VZEROUPPER
	RET
