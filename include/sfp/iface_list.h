/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface_list: walking over an interface's list of operations in the
 * preprocessor. What <sfp/iface.h> and <sfp/iface_remote.h> share; nothing in
 * here is for users but SFP_IN, SFP_OUT and SFP_INOUT.
 *
 *   #define BLOCK_OPS(OP) OP(read, SFP_IN(uint64_t, lba), SFP_OUT(struct page, page)) OP(flush)
 *
 * The list is expanded with an OP that makes a tuple of each operation,
 * `(read, (in_, uint64_t, lba), (out_, struct page, page)), (flush)`; these are walked
 * with a macro and a context for it, and inside of that the arguments of each.
 */
#ifndef SFP_IFACE_LIST_H
#define SFP_IFACE_LIST_H

#include <sfp/port.h>

/* What an argument is to the operation. Types that a name can follow: no arrays, no functions. */
#define SFP_IN(type, name) (in_, type, name)       /* passed by value */
#define SFP_OUT(type, name) (out_, type, name)     /* the caller's storage, written if it says OK */
#define SFP_INOUT(type, name) (inout_, type, name) /* the caller's storage, read and written */

#define SFP_IFACE_MAX_OPERATIONS 16u /* the most operations of an interface */
#define SFP_IFACE_MAX_ARGUMENTS 8u   /* the most arguments of an operation */

#define SFP_UNPACK_(...) __VA_ARGS__

/* How many operations a list has, without the limit of the walk. */
#define SFP_OP_PLUS_ONE_(...) + 1u
#define SFP_OPS_COUNT_(list) (0u list(SFP_OP_PLUS_ONE_))

/* m(x, tuple) for each operation of the list. */
#define SFP_OP_TUPLE_(...) , (__VA_ARGS__)
#define SFP_OPS_(m, x, list) SFP_OPS_SPLIT_(m, x list(SFP_OP_TUPLE_))
#define SFP_OPS_SPLIT_(...) SFP_OPS_WALK_(__VA_ARGS__)
#define SFP_OPS_WALK_(m, x, ...) SFP_JOIN(SFP_O_, SFP_OPS_NUMBER_(__VA_ARGS__))(m, x, __VA_ARGS__)
#define SFP_OPS_NUMBER_(...) \
	SFP_OPS_PICK_(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define SFP_OPS_PICK_(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, n, ...) n
#define SFP_O_1(m, x, a) m(x, a)
#define SFP_O_2(m, x, a, ...) m(x, a) SFP_O_1(m, x, __VA_ARGS__)
#define SFP_O_3(m, x, a, ...) m(x, a) SFP_O_2(m, x, __VA_ARGS__)
#define SFP_O_4(m, x, a, ...) m(x, a) SFP_O_3(m, x, __VA_ARGS__)
#define SFP_O_5(m, x, a, ...) m(x, a) SFP_O_4(m, x, __VA_ARGS__)
#define SFP_O_6(m, x, a, ...) m(x, a) SFP_O_5(m, x, __VA_ARGS__)
#define SFP_O_7(m, x, a, ...) m(x, a) SFP_O_6(m, x, __VA_ARGS__)
#define SFP_O_8(m, x, a, ...) m(x, a) SFP_O_7(m, x, __VA_ARGS__)
#define SFP_O_9(m, x, a, ...) m(x, a) SFP_O_8(m, x, __VA_ARGS__)
#define SFP_O_10(m, x, a, ...) m(x, a) SFP_O_9(m, x, __VA_ARGS__)
#define SFP_O_11(m, x, a, ...) m(x, a) SFP_O_10(m, x, __VA_ARGS__)
#define SFP_O_12(m, x, a, ...) m(x, a) SFP_O_11(m, x, __VA_ARGS__)
#define SFP_O_13(m, x, a, ...) m(x, a) SFP_O_12(m, x, __VA_ARGS__)
#define SFP_O_14(m, x, a, ...) m(x, a) SFP_O_13(m, x, __VA_ARGS__)
#define SFP_O_15(m, x, a, ...) m(x, a) SFP_O_14(m, x, __VA_ARGS__)
#define SFP_O_16(m, x, a, ...) m(x, a) SFP_O_15(m, x, __VA_ARGS__)

/* m(x, tuple) for each argument; none, too. The operations are being walked, so these are other macros. */
#define SFP_ARGS_(m, x, ...) SFP_ARGS_WALK_(m, x, SFP_ARGS_NUMBER_(0, ##__VA_ARGS__), ##__VA_ARGS__)
#define SFP_ARGS_WALK_(m, x, n, ...) SFP_JOIN(SFP_A_, n)(m, x, ##__VA_ARGS__)
#define SFP_ARGS_NUMBER_(...) SFP_ARGS_PICK_(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define SFP_ARGS_PICK_(a0, a1, a2, a3, a4, a5, a6, a7, a8, n, ...) n
#define SFP_A_0(m, x)
#define SFP_A_1(m, x, a) m(x, a)
#define SFP_A_2(m, x, a, ...) m(x, a) SFP_A_1(m, x, __VA_ARGS__)
#define SFP_A_3(m, x, a, ...) m(x, a) SFP_A_2(m, x, __VA_ARGS__)
#define SFP_A_4(m, x, a, ...) m(x, a) SFP_A_3(m, x, __VA_ARGS__)
#define SFP_A_5(m, x, a, ...) m(x, a) SFP_A_4(m, x, __VA_ARGS__)
#define SFP_A_6(m, x, a, ...) m(x, a) SFP_A_5(m, x, __VA_ARGS__)
#define SFP_A_7(m, x, a, ...) m(x, a) SFP_A_6(m, x, __VA_ARGS__)
#define SFP_A_8(m, x, a, ...) m(x, a) SFP_A_7(m, x, __VA_ARGS__)

/* What an argument is in a list of parameters, of arguments, of fields. */
#define SFP_ARG_TYPE_in_(type) type
#define SFP_ARG_TYPE_out_(type) type *
#define SFP_ARG_TYPE_inout_(type) type *

#define SFP_AS_PARAMETER_(x, tuple) SFP_AS_PARAMETER_1_ tuple
#define SFP_AS_PARAMETER_1_(kind, type, name) , SFP_ARG_TYPE_##kind(type) name
#define SFP_AS_FIELD_(x, tuple) SFP_AS_FIELD_1_ tuple
#define SFP_AS_FIELD_1_(kind, type, name) SFP_ARG_TYPE_##kind(type) name;
#define SFP_AS_NAME_(x, tuple) SFP_AS_NAME_1_ tuple
#define SFP_AS_NAME_1_(kind, type, name) , name
#define SFP_AS_ASSIGNMENT_(x, tuple) SFP_AS_ASSIGNMENT_1_(x, SFP_UNPACK_ tuple)
#define SFP_AS_ASSIGNMENT_1_(...) SFP_AS_ASSIGNMENT_2_(__VA_ARGS__)
#define SFP_AS_ASSIGNMENT_2_(x, kind, type, name) x.name = name;
#define SFP_AS_MEMBER_(x, tuple) SFP_AS_MEMBER_1_(x, SFP_UNPACK_ tuple)
#define SFP_AS_MEMBER_1_(...) SFP_AS_MEMBER_2_(__VA_ARGS__)
#define SFP_AS_MEMBER_2_(x, kind, type, name) , x->name

#define SFP_PARAMETERS_(...) SFP_ARGS_(SFP_AS_PARAMETER_, , ##__VA_ARGS__)
#define SFP_FIELDS_(...) SFP_ARGS_(SFP_AS_FIELD_, , ##__VA_ARGS__)
#define SFP_NAMES_(...) SFP_ARGS_(SFP_AS_NAME_, , ##__VA_ARGS__)
#define SFP_ASSIGNMENTS_(x, ...) SFP_ARGS_(SFP_AS_ASSIGNMENT_, x, ##__VA_ARGS__)
#define SFP_MEMBERS_(x, ...) SFP_ARGS_(SFP_AS_MEMBER_, x, ##__VA_ARGS__)

#endif /* SFP_IFACE_LIST_H */
