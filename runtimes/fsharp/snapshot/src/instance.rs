//! Reads the state of a running component for wizer.

use wasmtime::component::{ComponentNamedList, Instance, Lift, WasmList};
use wasmtime::{Result, Store};
use wasmtime_wizer::ComponentInstanceState;

/// A running component that wizer instrumented.
///
/// Wizer's trait cannot fail, so the first failure is kept until the snapshot is made.
pub struct Running<'a, T: 'static> {
    pub store: &'a mut Store<T>,
    pub instance: Instance,
    pub failure: Option<wasmtime::Error>,
}

impl<T: Send> Running<'_, T> {
    async fn call<R>(&mut self, interface: &str, function: &str) -> Result<R>
    where
        R: Lift + Send + Sync + 'static,
        (R,): ComponentNamedList + Lift,
    {
        let missing = || wasmtime::Error::msg(format!("no {interface}#{function}"));
        let (_, interface) = self
            .instance
            .get_export(&mut *self.store, None, interface)
            .ok_or_else(missing)?;
        let (_, function) = self
            .instance
            .get_export(&mut *self.store, Some(&interface), function)
            .ok_or_else(missing)?;
        let function = self
            .instance
            .get_typed_func::<(), (R,)>(&mut *self.store, function)?;
        Ok(function.call_async(&mut *self.store, ()).await?.0)
    }

    async fn number<R>(&mut self, interface: &str, function: &str) -> R
    where
        R: Default + Lift + Send + Sync + 'static,
        (R,): ComponentNamedList + Lift,
    {
        match self.call(interface, function).await {
            Ok(number) => number,
            Err(error) => {
                self.failure.get_or_insert(error);
                R::default()
            }
        }
    }
}

impl<T: Send> ComponentInstanceState for Running<'_, T> {
    async fn call_func_ret_list_u8(
        &mut self,
        instance: &str,
        func: &str,
        contents: impl FnOnce(&[u8]) + Send,
    ) {
        match self.call::<WasmList<u8>>(instance, func).await {
            Ok(list) => contents(list.as_le_slice(&*self.store)),
            Err(error) => {
                self.failure.get_or_insert(error);
                contents(&[]);
            }
        }
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.number(instance, func).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.number(instance, func).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.number::<f32>(instance, func).await.to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.number::<f64>(instance, func).await.to_bits()
    }
}
