// SPDX-License-Identifier: BSD-2-Clause
//! Rust's std::sync::mpsc: `channel`, which allocates and has no bound, and
//! `sync_channel`, which is bounded. Each producer has a sender of its own.

use std::ffi::c_void;
use std::sync::mpsc::{channel, sync_channel, Receiver, Sender, SyncSender};

/// What both kinds of sender can do. False: no room.
trait Put {
    fn put(&self, payload: u64) -> bool;
}

impl Put for Sender<u64> {
    fn put(&self, payload: u64) -> bool {
        self.send(payload).is_ok()
    }
}

impl Put for SyncSender<u64> {
    fn put(&self, payload: u64) -> bool {
        self.try_send(payload).is_ok()
    }
}

struct Channel<S> {
    senders: Vec<S>,
    receiver: Receiver<u64>,
}

impl<S: Put + Clone> Channel<S> {
    fn into_pointer(sender: S, receiver: Receiver<u64>, producers: u32) -> *mut c_void {
        let senders = vec![sender; producers as usize];
        Box::into_raw(Box::new(Channel { senders, receiver })) as *mut c_void
    }

    /// # Safety
    /// `pointer` comes from into_pointer().
    unsafe fn of<'a>(pointer: *mut c_void) -> &'a Self {
        &*(pointer as *const Self)
    }

    fn produce(&self, producer: u32, first: u64, count: u64) -> u64 {
        let sender = &self.senders[producer as usize];
        for i in 0..count {
            if !sender.put(first + i) {
                return i;
            }
        }
        count
    }

    fn consume(&self, count: u64, sum: &mut u64) -> u64 {
        for i in 0..count {
            match self.receiver.try_recv() {
                Ok(payload) => *sum = sum.wrapping_add(payload),
                Err(_) => return i,
            }
        }
        count
    }

    fn take(&self) -> u64 {
        loop {
            if let Ok(payload) = self.receiver.try_recv() {
                return payload;
            }
        }
    }

    fn ask(&self, replies: &Self, count: u64) -> u64 {
        let mut sum = 0;
        for i in 0..count {
            while !self.senders[0].put(i) {}
            sum += replies.take();
        }
        sum
    }

    fn answer(&self, replies: &Self, count: u64) {
        for _ in 0..count {
            let payload = self.take();
            while !replies.senders[0].put(payload + 1) {}
        }
    }
}

/// The functions of `struct bench_queue`. Their pointers come from the first one, and the
/// harness keeps to one thread for the consumer and one for each producer.
macro_rules! bench_queue {
    ($sender:ty, $make:expr, $create:ident, $produce:ident, $consume:ident, $ask:ident, $answer:ident,
     $destroy:ident) => {
        #[no_mangle]
        pub extern "C" fn $create(producers: u32, room: usize, _scattered: bool) -> *mut c_void {
            let (sender, receiver) = $make(room * producers as usize);
            Channel::into_pointer(sender, receiver, producers)
        }

        #[no_mangle]
        unsafe extern "C" fn $produce(queue: *mut c_void, producer: u32, first: u64, count: u64) -> u64 {
            Channel::<$sender>::of(queue).produce(producer, first, count)
        }

        #[no_mangle]
        unsafe extern "C" fn $consume(queue: *mut c_void, count: u64, sum: *mut u64) -> u64 {
            Channel::<$sender>::of(queue).consume(count, &mut *sum)
        }

        #[no_mangle]
        unsafe extern "C" fn $ask(requests: *mut c_void, replies: *mut c_void, count: u64) -> u64 {
            Channel::<$sender>::of(requests).ask(Channel::of(replies), count)
        }

        #[no_mangle]
        unsafe extern "C" fn $answer(requests: *mut c_void, replies: *mut c_void, count: u64) {
            Channel::<$sender>::of(requests).answer(Channel::of(replies), count)
        }

        #[no_mangle]
        unsafe extern "C" fn $destroy(queue: *mut c_void) {
            drop(Box::from_raw(queue as *mut Channel<$sender>));
        }
    };
}

bench_queue!(
    Sender<u64>,
    |_room| channel(),
    bench_rust_mpsc_create,
    bench_rust_mpsc_produce,
    bench_rust_mpsc_consume,
    bench_rust_mpsc_ask,
    bench_rust_mpsc_answer,
    bench_rust_mpsc_destroy
);

bench_queue!(
    SyncSender<u64>,
    sync_channel,
    bench_rust_mpsc_sync_create,
    bench_rust_mpsc_sync_produce,
    bench_rust_mpsc_sync_consume,
    bench_rust_mpsc_sync_ask,
    bench_rust_mpsc_sync_answer,
    bench_rust_mpsc_sync_destroy
);
