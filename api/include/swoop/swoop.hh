// Swoop in C++20: header-only, over the C interface of swoop.h, whose rules hold here too.
//
//   swoop::Engine engine;
//   auto module = swoop::Module::load(engine, "add.wat").value();
//   swoop::Store store(engine);
//   auto instance = swoop::Instance::make(store, module).value();
//   auto add = instance.func<int(int, int)>("add").value();
//   int sum = add(40, 2).value();
//
// What can fail gives a Result; its value() throws a swoop::Exception, or prints the error and
// aborts where there are no exceptions.
#pragma once

#include <swoop/engine.hh>
#include <swoop/error.hh>
#include <swoop/func.hh>
#include <swoop/host.hh>
#include <swoop/instance.hh>
#include <swoop/memory.hh>
#include <swoop/store.hh>
#include <swoop/value.hh>
